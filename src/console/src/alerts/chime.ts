/** Two soft notes, made here: there is no sound file to fetch. Silent where the browser does not allow sound yet. */
export function chime(): void {
  if (typeof AudioContext === 'undefined') {
    return;
  }
  const audio = new AudioContext();
  const end = audio.currentTime + 0.5;
  for (const [pitch, start] of [[660, 0], [880, 0.14]] as const) {
    const at = audio.currentTime + start;
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.0001, at);
    volume.gain.exponentialRampToValueAtTime(0.12, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.32);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(end);
  }
  window.setTimeout(() => void audio.close().catch(() => undefined), 1_000);
}
