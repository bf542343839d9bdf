/** Work that was accepted and is carried out later, whoever is still there to see it. */
export class LateWork {
  readonly #open = new Set<Promise<void>>();

  after(ms: number, work: () => void): void {
    const promise = new Promise<void>((resolve) => {
      setTimeout(() => {
        work();
        this.#open.delete(promise);
        resolve();
      }, ms);
    });
    this.#open.add(promise);
  }

  /** Resolves when nothing that was accepted is still to be carried out. */
  async done(): Promise<void> {
    await Promise.all(this.#open);
  }
}
