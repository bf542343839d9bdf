/** A wait that can be cut short. One at a time. */
export class Pause {
  #wake: (() => void) | null = null;

  async for(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = null;
  }

  over(): void {
    this.#wake?.();
  }
}
