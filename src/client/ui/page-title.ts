let own = '';
let shown: string | undefined;

/** The title that a part of the client shows instead of the page's own title. */
export interface PageTitle {
  show(text: string): void;
  /** Restores the page's own title, unless another part shows a title now. */
  restore(): void;
}

/** Lets parts of the client use the title of the page in turn, for users who look at another tab. */
export function pageTitle(): PageTitle {
  let mine: string | undefined;
  return {
    show(text) {
      // If the title is not the one we set, it belongs to the page.
      if (document.title !== shown) own = document.title;
      document.title = text;
      // Browsers leave out some spaces.
      mine = shown = document.title;
    },
    restore() {
      if (document.title === mine) document.title = own;
    },
  };
}
