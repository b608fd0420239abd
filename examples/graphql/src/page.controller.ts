import { Controller, Get } from '@nestjs/common';
import { AllowExpired } from 'nestjs-session-timeout';

@Controller()
export class PageController {
  @Get()
  @AllowExpired() // it contains nothing private: what it shows comes by GraphQL
  page() {
    return `<!doctype html>
      <html lang="en">
        <title>GraphQL</title>
        <h1>GraphQL</h1>
        <button data-query='mutation { signIn(name: "ada", password: "secret") }'>Sign in</button>
        <button data-query="{ me }">Who am I?</button>
        <button data-query="mutation { signOut }">Sign out</button>
        <pre role="status"></pre>
        <script>
          for (const button of document.querySelectorAll('[data-query]')) {
            button.onclick = async () => {
              const headers = { 'content-type': 'application/json' };
              const body = JSON.stringify({ query: button.dataset.query });
              const answer = await fetch('/graphql', { method: 'POST', headers, body });
              document.querySelector('pre').textContent = JSON.stringify(await answer.json(), null, 2);
            };
          }
        </script>
      </html>`;
  }
}
