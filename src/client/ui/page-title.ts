let own = '';
let shown: string | undefined;

/** What a part of the client shows in place of the page's own title. */
export interface PageTitle {
  show(text: string): void;
  /** Gives the page its own title back, unless another part shows one by now. */
  restore(): void;
}

/** Lets parts of the client use the title of the page in turn, for users who look at another tab. */
export function pageTitle(): PageTitle {
  let mine: string | undefined;
  return {
    show(text) {
      // If the title is not the one we set, it belongs to the page.
      if (document.title !== shown) own = document.title;
      mine = shown = document.title = text;
    },
    restore() {
      if (document.title === mine) document.title = own;
    },
  };
}
