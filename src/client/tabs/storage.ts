/** The storage all tabs share, as far as there is one: it can be switched off, full or walled off. */
export const storage = {
  get(name: string): string | null {
    try {
      return localStorage.getItem(name);
    } catch {
      return null;
    }
  },
  set(name: string, value: string): void {
    try {
      localStorage.setItem(name, value);
    } catch {
      // Every tab then works for itself.
    }
  },
};
