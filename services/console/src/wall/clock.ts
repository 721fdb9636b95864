// The clock that all screens go by: the record's, as answers tell it. An answer that was quick knows it best: what
// it says was so at some moment between question and answer, and the middle errs by half of that at most (as in
// RFC 5905, where the sample of least delay is taken).

interface Sample { offset: number; delay: number }

const kept = 24; // samples: six seconds of them

export class Clock {
    private samples: Sample[] = [];
    private best: Sample | null = null;

    constructor(private readonly local: () => number = () => performance.now()) {}

    /// `asked` and `heard` by the local clock, `told` by theirs, all in ms.
    take(asked: number, heard: number, told: number): void {
        this.samples.push({ offset: told - (asked + heard) / 2, delay: heard - asked });
        if (this.samples.length > kept) this.samples.shift();
        this.best = this.samples.reduce((a, b) => (b.delay < a.delay ? b : a));
    }

    get known(): boolean { return this.best !== null; }
    /// Theirs, now.
    now(): number { return this.local() + (this.best?.offset ?? Date.now() - this.local()); }
    /// How far it may be off.
    get error(): number { return (this.best?.delay ?? Infinity) / 2; }
}
