// The state of the console: what the server has, what the reader sees, what is selected.

import type { StyleSpecification } from '@maplibre/maplibre-gl-style-spec';
import { lastDayBefore, parse, print, viewOf, type Address, type Era, type Selection, type Theme, type View } from './address';
import { api, Failure, failureCode } from './api';
import { Gather } from './gather';
import { Live, type Change } from './live.svelte';
import { distinct, type Hit } from './hits';
import { isoDay, type CoordinateForm, type Locale } from './format';
import { message, type Key } from './messages';
import { nameOf, unitsOn } from './naming';
import { sleep } from './sleep';
import { showing, shownByDefault, statesOf, type LayerState } from './style';
import type {
    At, AtFeature, Bbox, Collection, Feature, Items, Legend, LonLat, MapActions, Place, Sprite,
} from './types';
import { zoneOfProvince } from './vn2000';

const country: Bbox = [102.1, 7.1, 117.9, 23.5];
const refreshEvery = 60_000;
const countsEvery = 5000; // ms between two looks at the figures, however many changes come
const aliveEvery = 10_000;

export type PanelName = 'layers' | 'file' | 'response' | 'inspection';

class Atlas {
    locale = $state<Locale>('vi');
    theme = $state<Theme>('light');
    era = $state<Era>('now');
    coordinates = $state<CoordinateForm>('decimal');

    collections = $state.raw<Collection[]>([]);
    layers = $state<Record<string, LayerState>>({});
    style = $state.raw<StyleSpecification | null>(null);
    legend = $state.raw<Legend | null>(null);
    sprite = $state.raw<Sprite | null>(null);
    bootFailure = $state<string | null>(null);

    view = $state.raw<View>({ zoom: 8.6, lat: 18.34, lon: 105.9 });
    bounds = $state.raw<Bbox>(country);
    home = $state.raw<Bbox>(country);
    pointer = $state.raw<LonLat | null>(null);
    bearing = $state(0);
    /// Which units the record holds here: of today, of before July 2025, communes among the latter.
    units = $state.raw({ now: true, before: false, formerCommunes: false });
    covered = $state(0); // px of the map under the phone's sheet
    loading = $state.raw<{ done: number; all: number }>({ done: 0, all: 0 });
    failed = $state.raw<Record<string, string>>({});
    lostAt = $state.raw<Date | null>(null);

    selection = $state.raw<Selection | null>(null);
    feature = $state.raw<Feature | null>(null);
    featureFailure = $state<string | null>(null);
    clicked = $state.raw<LonLat | null>(null);
    at = $state.raw<At | null>(null);
    hits = $state.raw<Hit[]>([]);
    searching = $state(false); // an identify is under way

    listOf = $state<string | null>(null);
    list = $state.raw<Items | null>(null);
    listFailure = $state<string | null>(null);

    left = $state(true);
    right = $state(false);
    sheetTab = $state<PanelName>('layers');
    sheetStop = $state(0);

    now = $state(Date.now());
    lag = $state<number | null>(null);
    lastAlive = $state(Date.now());
    offline = $state(false);
    refreshed = $state(Date.now());

    map: MapActions | null = null;
    /// ms from the last commit in view to its being drawn here, by the server's clock and then ours.
    drawnAfter = $state<number | null>(null);
    readonly live = new Live({
        changed: change => this.take(change),
        everything: () => this.refetch(),
        heard: () => { this.refreshed = Date.now(); },
    });
    private readonly gather = new Gather((source, cells) => this.map?.refresh(source, cells));
    private counting: ReturnType<typeof setTimeout> | undefined;
    private viewGiven = false;
    private zoneKnown = false;
    private running: AbortController | null = null;

    readonly day = $derived(this.era === 'before' ? lastDayBefore : isoDay(new Date(this.now)));
    readonly byId = $derived(new Map(this.collections.map(c => [c.id, c])));
    readonly groups = $derived(this.grouped());
    readonly staleMinutes = $derived(Math.floor((this.now - this.refreshed) / 60_000));

    t = (key: Key, values: Record<string, string | number> = {}): string => message(this.locale, key, values);

    title = (id: string): string => {
        const collection = this.byId.get(id);
        return collection?.titles?.[this.locale] || collection?.title || id;
    };

    /// The title inside a sentence: "Camera" stays, "Thửa đất" becomes "thửa đất".
    titleInside = (id: string): string => {
        const title = this.title(id);
        return title.charAt(0).toLocaleLowerCase(this.locale) + title.slice(1);
    };

    /// Titles of several layers as the end of a sentence, at most `most` of them.
    listing = (ids: string[], most: number): string => {
        const titles = ids.slice(0, most).map((id, i) => (i === 0 ? this.title(id) : this.titleInside(id)));
        return titles.join(', ') + (ids.length > most ? '…' : '');
    };

    private grouped() {
        const drawn = this.collections.filter(c => c.geometryType !== 'none' && this.drawable(c.id));
        const groups = (this.legend?.groups ?? []).map(group => ({
            id: group.id,
            title: group.titles[this.locale],
            collections: group.collections.flatMap(id => drawn.filter(c => c.id === id)),
        }));
        const placed = new Set(groups.flatMap(g => g.collections.map(c => c.id)));
        const rest = drawn.filter(c => !placed.has(c.id));
        if (rest.length > 0) groups.push({ id: 'other', title: this.t('layer.other'), collections: rest });
        return groups.filter(group => group.collections.length > 0);
    }

    private drawable(id: string): boolean {
        return !this.style || this.style.sources[id] !== undefined;
    }

    readAddress(fragment: string): void {
        const address = parse(fragment);
        this.locale = address.lang ?? (localStorage.getItem('lang') === 'en' ? 'en' : 'vi');
        this.theme = address.theme ?? (localStorage.getItem('theme') === 'dark' ? 'dark' : 'light');
        this.era = address.era ?? 'now';
        if (address.coordinates) {
            this.coordinates = address.coordinates;
            this.zoneKnown = true;
        }
        if (address.view) {
            this.view = address.view;
            this.viewGiven = true;
        }
        if (address.layers && this.collections.length > 0) this.layers = showing(this.layers, address);
        const before = this.selection;
        if (address.selection && (before?.fid !== address.selection.fid
            || before.collection !== address.selection.collection)) {
            void this.open(address.selection);
        } else if (!address.selection && before) {
            this.clear();
        }
    }

    address(): Address {
        return {
            view: this.view,
            ...statesOf(this.layers),
            ...(this.selection ? { selection: this.selection } : {}),
            ...(this.era === 'before' ? { era: this.era } : {}),
            coordinates: this.coordinates,
            lang: this.locale,
            theme: this.theme,
        };
    }

    readonly fragment = $derived(print(this.address()));

    async boot(): Promise<void> {
        this.bootFailure = null;
        try {
            const [collections, ...look] = await Promise.all([
                this.readyCollections(), api.style(this.theme), api.legend(this.theme), api.sprite(this.theme),
            ]);
            this.collections = collections;
            [this.legend, this.sprite] = [look[1], look[2]];
            this.showByDefault(look[0]);
            const asked = parse(location.hash);
            if (asked.layers) this.layers = showing(this.layers, asked);
            await this.findHome(look[0].center as LonLat | undefined);
            this.style = look[0];
            this.refreshed = Date.now();
        } catch (cause) {
            this.bootFailure = failureCode(cause);
        }
    }

    /// The server's collections, when it has loaded them all, or those it has after half a minute.
    private async readyCollections(): Promise<Collection[]> {
        const patience = Date.now() + 30_000;
        for (;;) {
            const all = await api.collections();
            const ready = all.filter(c => c.ready !== false);
            if (ready.length === all.length) return all;
            if (ready.length > 0 && Date.now() > patience) return ready;
            this.loading = { done: ready.length, all: all.length };
            await sleep(1000);
        }
    }

    async wear(theme: Theme): Promise<void> {
        this.theme = theme;
        localStorage.setItem('theme', theme);
        try {
            await this.dress();
        } catch (cause) {
            this.bootFailure = failureCode(cause);
        }
    }

    private async dress(): Promise<void> {
        const theme = this.theme;
        const [style, legend, sprite] = await Promise.all([api.style(theme), api.legend(theme), api.sprite(theme)]);
        if (this.theme === theme) [this.style, this.legend, this.sprite] = [style, legend, sprite];
    }

    speak(locale: Locale): void {
        this.locale = locale;
        localStorage.setItem('lang', locale);
    }

    private showByDefault(style: StyleSpecification): void {
        const shown = shownByDefault(style);
        this.layers = Object.fromEntries(this.collections.map(c => [
            c.id, { visible: shown.has(c.id), opacity: 1 },
        ]));
    }

    /// The province in which the operational data lies, or else that of the style's own centre.
    private async findHome(fallback: LonLat = [105.9, 18.34]): Promise<void> {
        const box = (id: string) => {
            const collection = this.byId.get(id);
            const [bbox] = collection?.extent?.spatial?.bbox ?? [];
            return collection && collection.located > 0 && bbox?.length === 4 ? bbox as Bbox : undefined;
        };
        const area = ['parcels', 'facilities', 'reports', 'cameras', 'streets', 'places'].map(box).find(Boolean);
        if (area) this.home = area;
        const middle = ([west, south, east, north]: Bbox): LonLat => [(west + east) / 2, (south + north) / 2];
        const [places, seen] = await Promise.all([
            this.unitsAround(area ? middle(area) : fallback, fallback),
            this.viewGiven ? api.at([this.view.lon, this.view.lat]).catch(() => null) : null,
        ]);
        this.units = {
            now: places.length === 0 || places.some(p => !p.valid_to),
            before: places.some(p => p.valid_to),
            formerCommunes: places.some(p => p.valid_to && p.level === 'commune'),
        };
        if (!this.units.now) this.era = 'before';
        const provinces = places.filter(p => p.level === 'province');
        const current = provinces.find(p => !p.valid_to) ?? provinces[0];
        if (current?.bbox) this.home = current.bbox;
        if (!this.viewGiven) this.view = viewOf(this.home);
        if (!this.zoneKnown) {
            const zone = [...(seen?.places ?? []), ...provinces].map(p => zoneOfProvince(p.code)).find(z => z !== undefined);
            if (zone !== undefined) this.coordinates = `vn2000:${zone}`;
        }
    }

    /// Units at a point, or at another where the first lies in none.
    private async unitsAround(point: LonLat, otherwise: LonLat): Promise<Place[]> {
        const places = await api.at(point).then(at => at.places, () => []);
        return places.length > 0 ? places : api.at(otherwise).then(at => at.places, () => []);
    }

    get startsAtHome(): boolean { return !this.viewGiven; }

    /// Follows the server: is it there, and have the figures changed.
    watch(): () => void {
        const tick = setInterval(() => { this.now = Date.now(); }, 1000);
        const alive = async () => {
            try {
                this.lag = await api.alive();
                this.lastAlive = Date.now();
                if (this.offline) this.retry();
                this.offline = false;
            } catch {
                this.offline = true;
            }
        };
        void alive();
        const pulse = setInterval(() => void alive(), aliveEvery);
        const slow = setInterval(() => void this.refresh(), refreshEvery);
        const gone = () => { this.offline = true; };
        const back = () => {
            this.live.again();
            void alive().then(() => this.refresh());
        };
        addEventListener('offline', gone);
        addEventListener('online', back);
        return () => {
            [tick, pulse, slow].forEach(clearInterval);
            clearTimeout(this.counting);
            this.live.close();
            removeEventListener('offline', gone);
            removeEventListener('online', back);
        };
    }

    private take(change: Change): void {
        const { kind } = change;
        if (kind !== 'update' && kind !== 'tiles') this.countSoon();
        if (this.isOpen(change)) {
            const signal = this.begin();
            if (kind === 'delete') [this.feature, this.featureFailure] = [null, 'HTTP 404']; // nothing is there to fetch
            else void this.load(this.selection!, signal);
        }
        this.gather.take(change);
    }

    /// The map shows what it was told to fetch anew.
    drawn(source: string): void {
        this.drawnAfter = this.gather.drawn(source) ?? this.drawnAfter;
    }

    private refetch(): void {
        this.map?.refreshAll();
        if (this.selection) void this.load(this.selection, this.begin());
        this.countSoon();
    }

    private countSoon(): void {
        this.counting ??= setTimeout(() => void this.refresh(), countsEvery);
    }

    private async refresh(): Promise<void> {
        this.counting = undefined;
        if (this.collections.length === 0) return;
        try {
            const collections = (await api.collections()).filter(c => c.ready !== false);
            const added = collections.filter(one => !this.byId.has(one.id));
            for (const one of added) this.layers[one.id] ??= { visible: true, opacity: 1 };
            if (added.length > 0) await this.dress(); // it may be drawn
            this.collections = collections;
            this.refreshed = Date.now();
        } catch {
            this.offline = this.offline || !navigator.onLine;
        }
    }

    /// Asks again for layers that failed.
    retry(source?: string): void {
        this.failed = source ? Object.fromEntries(Object.entries(this.failed).filter(([id]) => id !== source)) : {};
        this.map?.retry(source);
    }

    get stale(): boolean { return this.now - this.refreshed > 2 * refreshEvery; }
    get refreshMinutes(): number { return refreshEvery / 60_000; }

    private begin(): AbortSignal {
        this.running?.abort();
        this.running = new AbortController();
        return this.running.signal;
    }

    /// Opens what lies at a point: `drawn` are the features under it on the picture.
    async identify(point: LonLat, drawn: Hit[]): Promise<void> {
        const signal = this.begin();
        this.clicked = point;
        this.searching = true;
        this.featureFailure = null;
        this.listOf = null;
        this.show('file');
        try {
            const at = await api.at(point, signal);
            if (signal.aborted) return;
            this.at = at;
            const inside = at.features
                .filter(f => f.collection !== 'places' && this.layers[f.collection]?.visible)
                .map(f => ({ collection: f.collection, fid: f.fid, title: this.hitTitle(f) }));
            this.hits = distinct([...drawn, ...inside]);
            const units = unitsOn(at.places, this.day);
            const unit = units.at(-1) ?? at.places.at(-1);
            const first = this.hits[0] ?? (unit ? { collection: 'places', fid: unit.fid } : null);
            this.searching = false;
            if (first) await this.load({ collection: first.collection, fid: first.fid }, signal);
            else this.forget();
        } catch (cause) {
            if (signal.aborted) return;
            this.searching = false;
            this.forget();
            this.featureFailure = failureCode(cause);
        }
    }

    hitTitle(feature: Pick<AtFeature, 'collection' | 'fid' | 'title' | 'properties'>): string {
        const collection = this.byId.get(feature.collection);
        const properties = feature.properties ?? {};
        const given = feature.title && !properties.parcel_number ? { title: feature.title } : {};
        return nameOf(
            collection, { ...properties, ...given }, feature.fid, this.title(feature.collection), this.locale);
    }

    /// Opens one feature from a list, a search or the address.
    async open(selection: Selection): Promise<void> {
        this.show('file');
        this.listOf = null;
        await this.load(selection, this.begin());
    }

    async openPlace(place: Place): Promise<void> {
        this.clicked = null;
        this.at = null;
        this.hits = [];
        this.era = place.valid_to && place.valid_to < this.day ? 'before' : this.era;
        if (!place.valid_to && this.era === 'before') this.era = 'now';
        if (place.bbox) this.map?.fit(place.bbox, 14);
        else if (place.center) this.map?.go(place.center, 12);
        await this.open({ collection: 'places', fid: place.fid });
    }

    /// One that is open already stays, with what is being typed beside it, until its new state is here.
    private async load(selection: Selection, signal: AbortSignal): Promise<void> {
        const known = this.feature !== null && this.isOpen(selection);
        [this.selection, this.featureFailure] = [selection, null];
        if (!known) this.feature = null;
        try {
            const feature = await api.item(selection.collection, selection.fid, signal);
            if (signal.aborted) return;
            this.feature = feature;
            const geometry = feature.geometry;
            if (!this.clicked && geometry?.type === 'Point') {
                const at = await api.at(geometry.coordinates as LonLat, signal);
                if (!signal.aborted) this.at = at;
            }
        } catch (cause) {
            const unheard = known && !(cause instanceof Failure); // the banner says how old what is seen is
            if (!signal.aborted && !unheard) [this.feature, this.featureFailure] = [null, failureCode(cause)];
        }
    }

    /// A feature was changed: what is open and what is drawn show it.
    edited(collection: string, feature: Feature): void {
        if (this.isOpen({ collection, fid: feature.id })) this.feature = feature;
        this.map?.retry(collection);
    }

    private isOpen = (one: { collection: string; fid?: number | undefined }): boolean =>
        this.selection?.collection === one.collection && this.selection.fid === one.fid;

    private forget(): void { [this.selection, this.feature] = [null, null]; }

    clear(): void {
        this.running?.abort();
        this.forget();
        this.searching = false;
        this.featureFailure = null;
        this.clicked = null;
        this.at = null;
        this.hits = [];
        this.listOf = null;
        this.list = null;
    }

    async openList(collection: string, bbox = this.bounds): Promise<void> {
        const signal = this.begin();
        this.listOf = collection;
        this.list = null;
        this.listFailure = null;
        this.searching = false;
        this.show('file');
        try {
            const list = await api.items(collection, bbox, 50, signal, this.layers[collection]?.filter);
            if (!signal.aborted) this.list = list;
        } catch (cause) {
            if (!signal.aborted) this.listFailure = failureCode(cause);
        }
    }

    async moreOfList(): Promise<void> {
        const list = this.list;
        const next = list && api.next(list);
        if (!list || !next) return;
        try {
            const page = await next;
            if (this.list === list) this.list = { ...page, features: [...list.features, ...page.features] };
        } catch (cause) {
            this.listFailure = failureCode(cause);
        }
    }

    readonly wide = () => innerWidth >= 1900;

    show(panel: PanelName): void {
        if (panel === 'layers') this.left = true;
        else this.right = true;
        if (!this.wide()) {
            if (panel === 'layers') this.right = false;
            else this.left = false;
        }
        this.sheetTab = panel;
        this.sheetStop = Math.max(this.sheetStop, 1);
    }

    hide(panel: PanelName): void {
        if (panel === 'layers') this.left = false;
        else this.right = false;
        this.sheetStop = 0;
    }
}

export const atlas = new Atlas();
