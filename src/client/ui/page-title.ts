let own = '';
let shown: string | undefined;

/** What a part of the client shows in place of the page's own title. */
export interface PageTitle {
  show(text: string): void;
  /** Gives the page its title back, unless another part shows something by now. */
  restore(): void;
}

/** The title of the page, for those who look at another tab: lent to one part after the other. */
export function pageTitle(): PageTitle {
  let mine: string | undefined;
  return {
    show(text) {
      // Whoever set another title meanwhile has set the page's own.
      if (document.title !== shown) own = document.title;
      mine = shown = document.title = text;
    },
    restore() {
      if (document.title === mine) document.title = own;
    },
  };
}
