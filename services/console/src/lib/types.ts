// The server's answers that the console reads.

export interface Titles { vi: string; en: string }

export interface Field {
    name: string;
    type: 'text' | 'integer' | 'number' | 'boolean' | 'date' | 'timestamp';
    unit?: string;
    title: string;
    titles: Titles;
    tile: boolean;
    personal: boolean;
    required: boolean; // an edit must give it
    codes?: { code: string; titles: Titles; inForce?: false }[];
}

export type Bbox = [west: number, south: number, east: number, north: number];
export type LonLat = [lon: number, lat: number];

export interface Collection {
    id: string;
    title: string;
    titles: Titles;
    description?: string;
    attribution?: string;
    licence?: string;
    synthetic: boolean;
    ready?: boolean; // false while the server still loads it: no figures, no tiles
    editable: boolean; // items can be changed here
    geometryType: 'point' | 'line' | 'polygon' | 'none';
    extent?: { spatial?: { bbox?: number[][] } };
    count: number;
    located: number;
    minzoom: number;
    mergedBelow?: number; // below this zoom points and areas are merged
    maxzoom: number;
    classField?: string;
    labelField?: string;
    timeField?: string;
    fields: Field[];
}

export interface Place {
    fid: number;
    code: string;
    level: 'province' | 'district' | 'commune';
    name: string;
    full_name: string;
    full_name_en?: string;
    province_code?: string;
    province_name?: string;
    valid_from?: string | null;
    valid_to?: string | null;
    center?: LonLat | null;
    bbox?: Bbox | null;
}

export interface AtFeature {
    collection: string;
    fid: number;
    title?: string | null;
    properties?: Record<string, unknown>;
}

export interface At { lon: number; lat: number; places: Place[]; features: AtFeature[] }

export interface Feature {
    type: 'Feature';
    id: number;
    geometry: GeoJSON.Geometry | null;
    properties: Record<string, unknown>;
}

export interface Items {
    features: Feature[];
    numberMatched?: number;
    numberReturned?: number;
    links?: { rel: string; href: string }[];
}

/// A feature near a point: along the ellipsoid, and which way it lies.
export interface NearFeature extends Feature {
    distance_m: number;
    bearing_deg: number | null;
}

export interface Count {
    count: number;
    groups?: { code?: string; name?: string; count: number }[];
    elsewhere?: { count: number };
    unlocated?: { count: number };
}

/// Something that the server does apart, and how far it is.
export interface Job {
    jobID: string;
    status: 'accepted' | 'running' | 'successful' | 'failed' | 'dismissed';
    progress: number; // per cent
    message?: string;
    inputs: { collection: string; format: 'geojson' | 'jsonfg' | 'csv' | 'fgb' | 'gpkg' | 'xlsx' };
    file?: { name: string; bytes: number };
}

export interface LegendEntry {
    shape: 'line' | 'fill' | 'icon' | 'circle';
    titles: Titles;
    colour?: string;
    edge?: string;
    width?: number;
    opacity?: number;
    dash?: boolean;
    hatch?: boolean;
    icon?: string;
    mark?: string;
    markColour?: string;
    codes?: string[];
}

export interface Legend {
    groups: { id: string; titles: Titles; collections: string[] }[];
    collections: Record<string, LegendEntry[]>;
}

export interface Sprite {
    image: string;
    index: Record<string, { x: number; y: number; width: number; height: number; pixelRatio: number }>;
}

/// A geometry to move, or the kind of one to draw.
export type Sketched = GeoJSON.Geometry | Collection['geometryType'];

/// What the map does for the rest of the console.
export interface MapActions {
    fit(bbox: Bbox, maxZoom?: number): void;
    go(position: LonLat, zoom: number): void;
    zoomBy(step: number): void;
    panBy(x: number, y: number): void;
    focus(): void;
    north(): void;
    retry(source?: string): void;
    /// Fetches tiles anew: those that `cells` name, or all of a source.
    refresh(source: string, cells: readonly string[] | null): void;
    refreshAll(): void;
    /// What is drawn now, as the address of an image, with its size in px of the page.
    picture(): { image: string; width: number; height: number };
    /// Lets a geometry be moved, or one of a kind be drawn first; `changed` hears of every move. Gives how
    /// to end it.
    sketch(what: Sketched, changed: (shape: GeoJSON.Geometry) => void): Promise<() => void>;
}

/// A raster of the record, as /coverages has it; `times` and `details` of one alone.
export interface Coverage {
    id: string;
    quantity: string;
    origin: 'measured' | 'synthetic' | 'model';
    derivedFrom?: string;
    bbox: Bbox;
    minzoom?: number;
    maxzoom?: number;
    times?: string[];
    details?: { balance?: { relative_error: number }; inputs?: FloodScenario };
}

export type FloodJob = Pick<Job, 'jobID' | 'status' | 'progress' | 'message'> & { paused?: boolean };

/// What a flood is computed from.
export interface FloodScenario {
    terrain: string;
    bbox: Bbox;
    hours: number;
    frame_minutes: number;
    friction: number;
    releases: { geometry: GeoJSON.Geometry; discharge: [number, number][] }[];
    from?: { coverage: string; frame: number };
}

export interface Exposed { count: number; area_m2?: number; length_m?: number; list: string[] }
export interface Exposure {
    people?: { population: number; affected: number; displaced: number | null };
    collections?: Record<string, Exposed>;
}
export interface Impact {
    total: Exposure;
    parts: (Exposure & { unit: string | null; name: string })[];
}

export type UnitLevel = 'province' | 'district' | 'commune';

export interface Indicator {
    code: string;
    title: string;
    sector: string;
    unit: string;
    direction: 'up' | 'down' | 'none';
    decimals: number;
    source: string;
    owner: string;
    periods: { count: number; first: string | null; last: string | null };
    due: string | null;
    delivery: 'current' | 'late' | 'missing';
    thresholds: { state: 'warning' | 'alarm'; at: number; colour: string }[];
}

export type Standing = 'stated' | 'exact' | 'estimated' | 'range';

export interface UnitValue {
    code: string;
    name: string;
    value: number | null; // null: only known to lie between low and high
    low: number;
    high: number;
    standing: Standing;
    target?: number;
    alert?: 'good' | 'warning' | 'alarm'; // where the catalogue says from when on
}

export interface IndicatorValues {
    period: string | null;
    values: UnitValue[];
    classes: { bounds: number[]; counts: number[]; least: number | null; most: number | null };
    totals?: { exact: number; estimated: number; waiting: number; all: number };
    waiting_count: number;
    check: { units: number; differing: { code: string }[] };
}

interface Compared { value: number; difference: number; ratio: number | null }

export interface IndicatorRanking {
    ranking: (UnitValue & { rank: number; plan: Compared | null; same_period: Compared | null })[];
    unranked: number;
}

export interface IndicatorTrend {
    place: { code: string; name: string };
    series: { period: string; value: number | null; low: number; high: number; target?: number }[];
    forecast: {
        method: string;
        confidence: number;
        steps: { period: string; value: number; low: number; high: number }[];
        coverage: { forecasts: number; within: number; share: number } | null;
    } | null;
}

export interface PlaceFile {
    on: string;
    place: Place;
    made_of?: (Place & { whole: boolean })[];
    became?: (Place & { whole: boolean })[];
    communes?: { own: number; other: number }; // of a province: in its own list, and where they are in the other
    indicators: {
        code: string; title: string; unit: string; decimals: number; period: string; value: number | null; low: number; high: number;
        standing: Standing; target: number | null; peers: { of: number; rank: number; median: number } | null;
    }[];
    contents: { collection: string; count: number }[] | null;
}
