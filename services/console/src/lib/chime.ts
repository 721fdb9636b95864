// The sound of an alert: two tones for six tenths of a second. Never the only sign of one.

const tones = [660, 880]; // Hz
const lasts = 0.6; // s
const loudness = 0.2;
export const again = 30_000; // ms, until somebody has acknowledged it

let context: AudioContext | undefined;

/// Whether it is heard: a browser keeps a page silent that nobody has touched, unless it was started so that it
/// does not (`untouched`: it is worth a try).
export async function chime(untouched = false): Promise<boolean> {
    // A browser warns of sound that it does not let a page make.
    if (!untouched && !context && !navigator.userActivation.hasBeenActive) return false;
    context ??= new AudioContext();
    if (context.state === 'suspended') await Promise.race([context.resume(), new Promise(done => { setTimeout(done, 200); })]);
    if (context.state !== 'running') return false;
    const start = context.currentTime;
    const gain = context.createGain();
    gain.gain.setValueAtTime(loudness, start);
    gain.gain.linearRampToValueAtTime(0, start + lasts);
    gain.connect(context.destination);
    for (const [i, tone] of tones.entries()) {
        const source = context.createOscillator();
        source.frequency.value = tone;
        source.connect(gain);
        source.start(start + (i * lasts) / tones.length);
        source.stop(start + ((i + 1) * lasts) / tones.length);
    }
    return true;
}
