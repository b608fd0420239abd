/** The number to call in an emergency, by user. */
export interface PhoneBook {
  of(user: string): Promise<string | undefined>;
  set(user: string, phone: string): Promise<void>;
}
