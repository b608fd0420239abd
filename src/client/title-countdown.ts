/** A countdown in the title of the page, for those who look at another tab. */
export function titleCountdown() {
  let own: string | undefined;
  let shown: string | undefined;

  /** Whoever set another title in between has set a new one. */
  function restore(): void {
    if (own !== undefined && document.title === shown) document.title = own;
    own = undefined;
  }

  return {
    show(text: string): void {
      if (own === undefined || document.title !== shown) own = document.title;
      document.title = shown = text;
    },
    restore,
  };
}
