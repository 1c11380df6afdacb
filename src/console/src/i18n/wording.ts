/** The numbers of an alert's reasons, by their codes. */
export interface Numbers {
  of(code: string): number;
  /** As the reader's region writes it, with so many decimals at the most. */
  say(code: string, digits?: number): string;
}

/** How a language says what the server says in English: titles by the kind of alert, reasons by their code. */
export interface Wording {
  readonly titles: Readonly<Record<string, (name: string, numbers: Numbers) => string>>;
  readonly reasons: Readonly<Record<string, (numbers: Numbers) => string>>;
}
