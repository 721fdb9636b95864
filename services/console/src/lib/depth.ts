// Colours of water by its depth, as the map's colour ramps and the legend take them.

/// Metres at which a colour begins.
export const depthBounds = [0.1, 0.3, 0.5, 1, 2, 4] as const;

export const depthColours = {
    light: ['#CFF1EF', '#8FD6E3', '#4FADDB', '#2A7AC4', '#27459B', '#2A1A66'],
    dark: ['#1F4E5F', '#1F7391', '#2B9BC4', '#62BEE6', '#A6DDF5', '#E9FAFF'],
} as const;

export type Theme = keyof typeof depthColours;

const clear = 'rgba(0, 0, 0, 0)';
const sharp = 0.005; // metres within which a colour gives way to the next
const never = 20_000; // above everything that a tile can hold

/// For cells that hold depths.
export function depthRamp(theme: Theme): unknown[] {
    const ramp: unknown[] = ['interpolate', ['linear'], ['elevation'], -never, clear];
    let before: string = clear;
    depthBounds.forEach((bound, i) => {
        const colour = depthColours[theme][i]!;
        ramp.push(bound - sharp, before, bound, colour);
        before = colour;
    });
    return ramp;
}

/// For cells that hold heights above drainage: depths are what a level has above them.
export function heightRamp(level: number, theme: Theme): unknown[] {
    const ramp: unknown[] = ['interpolate', ['linear'], ['elevation']];
    const colours = depthColours[theme];
    if (level <= 0) return [...ramp, -never, clear, never, clear];
    ramp.push(-never, colours[depthBounds.length - 1]!);
    for (let i = depthBounds.length - 1; i >= 0; --i) {
        const below = i > 0 ? colours[i - 1]! : clear;
        ramp.push(level - depthBounds[i]!, colours[i]!, level - depthBounds[i]! + sharp, below);
    }
    return ramp;
}
