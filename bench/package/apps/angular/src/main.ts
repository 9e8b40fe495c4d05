import { Component, computed, provideZonelessChangeDetection, signal } from "@angular/core";
import { bootstrapApplication } from "@angular/platform-browser";
import { initialState, percentOf, reduce } from "rx-tributary";
import { type BlobEvent, downloadToBlob } from "rx-tributary/browser";

@Component({
  selector: "app-film",
  template: `<progress [value]="done()" max="100"></progress>
    @if (link(); as href) {
      <a [href]="href">file</a>
    }
    <p id="failed">{{ failed() }}</p>`,
})
export class Film {
  readonly failed = signal("");
  readonly link = signal("");
  readonly done = computed(() => percentOf(this.#state()) ?? 0);
  readonly #state = signal(initialState);

  constructor() {
    downloadToBlob([new URL("file.bin", location.href).href]).subscribe({
      next: (event) => this.#hear(event),
      error: (error: Error) => this.failed.set(error.message),
    });
  }

  #hear(event: BlobEvent): void {
    this.#state.update((state) => reduce(state, event));
    if (event.type === "download-completed") this.link.set(URL.createObjectURL(event.blob));
  }
}

bootstrapApplication(Film, { providers: [provideZonelessChangeDetection()] });
