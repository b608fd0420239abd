/** The storage that all tabs share. It may be switched off, full or blocked: then it is empty. */
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
      // Then every tab works for itself.
    }
  },
};
