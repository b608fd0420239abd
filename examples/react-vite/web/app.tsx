import { type FormEvent, useEffect, useState } from 'react';
import { signOut, useSession } from './session.js';

export function App() {
  const [user, setUser] = useState<string | null>();
  useEffect(() => void fetchUser().then(setUser), []);

  if (user === undefined) return <p role="status">Loading…</p>;
  return user === null ? <SignIn onSignedIn={setUser} /> : <Home user={user} />;
}

function Home({ user }: { user: string }) {
  const { state } = useSession();
  return (
    <main>
      <h1>Hello {user}</h1>
      <p>The state of your session: {state}</p>
      <button onClick={signOut}>Sign out</button>
    </main>
  );
}

function SignIn({ onSignedIn }: { onSignedIn: (user: string) => void }) {
  const [failed, setFailed] = useState(false);
  const signIn = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const body = JSON.stringify(Object.fromEntries(new FormData(event.currentTarget)));
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch('/api/login', { method: 'POST', headers, body });
    setFailed(!answer.ok);
    if (answer.ok) onSignedIn((await answer.json()).user);
  };
  return (
    <main>
      <h1>Sign in</h1>
      {failed && <p role="alert">The name or the password is wrong.</p>}
      <form onSubmit={signIn}>
        <label>
          Name: <input name="name" defaultValue="ada" autoComplete="username" required />
        </label>
        <label>
          Password: <input name="password" type="password" autoComplete="current-password" required />
        </label>
        <button>Sign in</button>
      </form>
      <p>The password is "secret".</p>
    </main>
  );
}

async function fetchUser(): Promise<string | null> {
  const answer = await fetch('/api/me');
  return answer.ok ? (await answer.json()).user : null;
}
