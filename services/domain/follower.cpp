#include "services/domain/follower.hpp"

#include "geo/error.hpp"
#include "services/domain/loader.hpp"
#include "tiles/dirty.hpp"

#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <algorithm>
#include <exception>
#include <limits>
#include <utility>

namespace diaban::services::domain {

namespace {

using Clock = std::chrono::steady_clock;
using tiles::mirror::Layer;
using tiles::pyramid::LayerRows;
using tiles::pyramid::Pyramid;

constexpr std::chrono::seconds registry_age{5};
constexpr std::chrono::minutes housekeeping{1};
constexpr std::chrono::seconds pause_after_fault{1};
// Changes rarely come alone: for a while after one the feed is looked at more often.
constexpr std::chrono::milliseconds pause_in_a_stream{5};
constexpr std::chrono::seconds stream_ends{1};
constexpr std::uint32_t changes_a_batch = 1000;
constexpr std::size_t rows_a_fetch = 5'000;
constexpr std::int64_t no_change = std::numeric_limits<std::int64_t>::max();

data::postgis::PoolOptions feed_pool(std::string const& database) {
    data::postgis::PoolOptions options;
    options.uri = database;
    options.role = data::postgis::Role::feed;
    options.size = 1;
    options.statement_timeout = std::chrono::seconds{30};
    return options;
}

std::int64_t microseconds_now() {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

/// So many changed rows cost more one by one than all rows at once.
bool better_reloaded(std::size_t changed, std::size_t rows) {
    constexpr std::size_t few = 20'000;
    return changed > few && changed > rows / 5;
}

bool wants_compaction(Layer const& layer) {
    constexpr std::size_t few = 10'000;
    auto const& base = layer.runs().front();
    auto const dead = base.dead ? base.dead->rows : 0;
    return layer.changed() > std::max(few, base.run->size() / 16) ||
           dead > std::max(few, base.run->size() / 4);
}

/// Whether nothing changed since the base was made.
bool is_pristine(Layer const& layer) {
    return layer.runs().size() == 1 && !layer.runs().front().dead;
}

/// On Linux a thread has a niceness of its own: reading comes before loading.
void yield_to_readers() {
    constexpr int nice = 10;
    static_cast<void>(::setpriority(PRIO_PROCESS, 0, nice));
}

} // namespace

std::shared_ptr<View const> Picture::find(std::string_view id) const noexcept {
    auto const it = std::ranges::find_if(views, [&](auto const& view) { return view->id() == id; });
    return it == views.end() ? nullptr : *it;
}

/// Work of seconds on one collection, beside the following.
struct Follower::Work {
    enum class Kind : std::uint8_t { load, merge, compact, save };

    Kind kind = Kind::load;
    data::model::Collection collection;
    std::shared_ptr<View const> before;             ///< what is compacted or saved
    data::postgis::Cursor cursor;                   ///< of `before`; of the copy once loaded
    std::shared_ptr<Layer const> loaded;            ///< by a load
    std::shared_ptr<LayerRows const> merged_before; ///< what the pyramid of `before` was made of
    std::vector<tiles::GridBox> dirty;              ///< where they changed; with a pyramid
    std::shared_ptr<LayerRows const> merged;        ///< by a merging, or with a load
    Pyramid::Rebuilt rebuilt;
    std::shared_ptr<tiles::mirror::Run const> base; ///< by a compaction
    std::uint32_t native_zoom = 0;                  ///< with that base
    bool measures = false;                          ///< whether that is to be measured anew
    std::chrono::milliseconds time{0};
    std::exception_ptr fault;

    void perform(FollowerOptions const& options, Segments const& segments, std::uint64_t record) {
        auto const begin = Clock::now();
        switch (kind) {
        case Kind::load: {
            auto copied = copy_collection(options.database, collection, options.load_threads);
            loaded = std::move(copied.layer);
            cursor = copied.cursor;
            merge(loaded, nullptr, options.load_threads);
            break;
        }
        case Kind::merge: merge(before->layer, before->pyramid.get(), options.load_threads); break;
        case Kind::compact: {
            base = before->layer->compacted(options.load_threads);
            native_zoom = before->layer->native_zoom();
            auto const alone =
                Layer::of(base, measures ? std::nullopt : std::optional{native_zoom});
            native_zoom = alone->native_zoom();
            segments.save(*alone, record, cursor);
            break;
        }
        case Kind::save: segments.save(*before->layer, record, cursor); break;
        }
        time = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
    }

    /// What is drawn below the native zoom: made anew, or where something changed.
    void merge(std::shared_ptr<Layer const> const& layer, Pyramid const* pyramid,
               unsigned threads) {
        auto const zoom = layer->native_zoom();
        if (!layer->schema().merges() || layer->size() == 0 || zoom == 0) return;
        merged = std::make_shared<LayerRows const>(layer, merged_before.get());
        if (pyramid != nullptr)
            rebuilt = pyramid->rebuild(merged->keys(), *merged, dirty, threads);
        else
            rebuilt.pyramid = Pyramid::build(tiles::pyramid::plan_of(layer->schema(), zoom),
                                             merged->keys(), *merged, threads);
    }
};

Follower::Follower(FollowerOptions options, tiles::mirror::Published<Picture>& picture,
                   tiles::Cache& cache)
    : m_options{std::move(options)}, m_picture{picture}, m_cache{cache},
      m_segments{m_options.segments}, m_pool{feed_pool(m_options.database)}, m_collections{m_pool},
      m_feed{m_pool}, m_fetch{m_options.database}, m_listener{m_options.database}, m_thread{[this] {
          run();
      }} {}

Follower::~Follower() {
    m_stop = true;
    m_listener.end_wait();
    m_news.notify_all();
    m_thread.join();
}

std::string Follower::fault() const {
    std::lock_guard const lock{m_mutex};
    return m_fault;
}

void Follower::await_news(Clock::time_point end) {
    std::unique_lock lock{m_mutex};
    m_news.wait_until(lock, end);
}

Follower::Counters Follower::counters() const noexcept {
    return {m_seq,
            m_low_zooms,
            m_changes,
            m_loads,
            m_mapped,
            m_compactions,
            std::chrono::milliseconds{m_lag.load()}};
}

void Follower::run() {
    Clock::time_point last_change{};
    while (!m_stop) {
        std::chrono::milliseconds pause = m_options.poll;
        try {
            if (step()) last_change = Clock::now();
            if (Clock::now() - last_change < stream_ends)
                pause = std::min(pause, pause_in_a_stream);
            note_fault({});
        } catch (geo::Error const& error) {
            note_fault(error.type());
            pause = pause_after_fault;
        } catch (std::exception const& fault) {
            note_fault(fault.what());
            pause = pause_after_fault;
        }
        if (!m_stop) static_cast<void>(m_listener.wait(pause));
    }
    if (m_worker.joinable()) m_worker.join();
    restamp();
}

bool Follower::step() {
    if (m_work_done.exchange(false)) finish_work();
    if (!m_registry_known || Clock::now() - m_registry_read > registry_age) read_registry();
    if (!m_cursor) begin();
    bool done = read_changes();
    done |= apply_changes();
    if (!std::exchange(m_caught_up, true)) publish();
    start_work();
    bool const copying = m_work && m_work->kind == Work::Kind::load;
    if (m_due.empty() && !copying) m_seq = m_cursor->seq;
    m_low_zooms = !(m_work && m_work->kind == Work::Kind::merge) &&
                  std::ranges::all_of(m_kept, [](auto const& entry) {
                      auto const& kept = entry.second;
                      return !kept.view->merges() || (kept.view->pyramid && kept.dirty.empty());
                  });
    if (Clock::now() - m_housekept > housekeeping) housekeep();
    return done;
}

/// What segments hold is taken from them; the feed is read from the oldest of them on. The rest is
/// loaded, each with a place of the feed of its own.
void Follower::begin() {
    auto const head = m_feed.head();
    m_record = m_feed.record_identity();
    m_cursor = head;
    for (auto const& collection : m_registry) {
        auto const& id = collection.schema.id;
        auto opened = m_segments.open(collection, m_record, head.generation);
        if (!opened || opened->cursor.seq > head.seq ||
            !m_feed.after(opened->cursor, 1)) { // of before what the feed still knows
            demand_load(id);
            continue;
        }
        auto view = std::make_shared<View>();
        view->collection = collection;
        view->layer = opened->layer;
        view->loaded_at = std::chrono::system_clock::now();
        if (id == "places")
            view->places = read_places(m_options.database, collection, *view->layer);
        auto const rows = view->layer->base().size();
        auto const seq = opened->cursor.seq;
        m_kept[id] = {std::move(view), seq, seq, true, rows, nullptr, {}};
        m_cursor->seq = std::min(m_cursor->seq, opened->cursor.seq);
        ++m_mapped;
    }
    if (m_mapped > 0) spdlog::info("{} collections taken from segments", m_mapped.load());
}

bool Follower::loading(std::string_view id) const noexcept {
    return m_work && m_work->kind == Work::Kind::load && m_work->collection.schema.id == id;
}

/// For a reason that no change tells.
void Follower::demand_load(std::string const& id) {
    auto& due = m_due[id];
    due.reload = true;
    due.seq = no_change;
}

void Follower::read_registry() {
    m_registry = m_collections.list();
    m_registry_read = Clock::now();
    auto const listed = [&](std::string const& id) {
        return std::ranges::any_of(m_registry,
                                   [&](auto const& entry) { return entry.schema.id == id; });
    };
    std::erase_if(m_kept, [&](auto const& entry) { return !listed(entry.first); });
    std::erase_if(m_due, [&](auto const& entry) { return !listed(entry.first); });
    bool const first = !std::exchange(m_registry_known, true);
    for (auto const& collection : m_registry) {
        auto const& id = collection.schema.id;
        auto const it = m_kept.find(id);
        auto const* const held = loading(id)          ? &m_work->collection
                                 : it != m_kept.end() ? &it->second.view->collection
                                                      : nullptr;
        if (held == nullptr || held->schema.version != collection.schema.version) {
            if (!first) demand_load(id);
            continue;
        }
        if (it == m_kept.end()) continue;
        // Titles and attributions may have changed without a row having; the zoom is ours.
        auto refreshed = std::make_shared<View>(*it->second.view);
        refreshed->collection = collection;
        refreshed->collection.native_zoom = it->second.view->collection.native_zoom;
        it->second.view = std::move(refreshed);
    }
    publish();
}

bool Follower::read_changes() {
    bool any = false;
    while (!m_stop) {
        auto const changes = m_feed.after(*m_cursor, changes_a_batch);
        if (!changes) {
            start_anew();
            return true;
        }
        for (auto const& change : *changes) take_change(change);
        any |= !changes->empty();
        if (changes->size() < changes_a_batch) break;
    }
    return any;
}

void Follower::take_change(data::postgis::Change const& change) {
    m_cursor->seq = std::max(m_cursor->seq, change.seq);
    auto const kept = m_kept.find(change.collection);
    if (kept != m_kept.end() && change.seq <= kept->second.seq) return;
    auto& due = m_due[change.collection];
    due.seq = std::max(due.seq, change.seq);
    if (!due.since) due.since = change.at;
    due.reload |= change.operation == data::postgis::Operation::import;
    if (!due.reload) due.fids.push_back(change.fid);
}

/// Another generation, or a gap: what is held here can no longer be brought up to date.
void Follower::start_anew() {
    spdlog::warn("the change feed does not go on from here: loading everything anew");
    m_cursor = m_feed.head();
    for (auto& [id, kept] : m_kept) {
        demand_load(id);
        kept.seq = 0;
    }
}

bool Follower::apply_changes() {
    bool any = false;
    for (auto it = m_due.begin(); it != m_due.end() && !m_stop;) {
        auto& [id, due] = *it;
        auto const kept = m_kept.find(id);
        if (loading(id)) {
            ++it;
            continue;
        }
        due.reload |= kept == m_kept.end() ||
                      better_reloaded(due.fids.size(), kept->second.view->layer->base().size());
        if (due.reload) {
            ++it;
            continue;
        }
        apply(id, due);
        it = m_due.erase(it);
        any = true;
    }
    return any;
}

void Follower::apply(std::string const& id, Due& due) {
    auto& kept = m_kept.at(id);
    std::ranges::sort(due.fids);
    due.fids.erase(std::unique(due.fids.begin(), due.fids.end()), due.fids.end());
    auto const& collection = kept.view->collection;
    auto const fields = mirrored(collection.schema);
    auto const columns = data::postgis::RowFetch::fields(collection, fields);
    bool const compacting =
        m_work && m_work->kind == Work::Kind::compact && m_work->collection.schema.id == id;
    auto const runs_kept = compacting ? m_work->before->layer->runs().size() : 1;

    tiles::Cover cover;
    auto layer = kept.view->layer;
    auto const add_covers = [&](std::span<std::int64_t const> fids) {
        for (auto const fid : fids) {
            auto const at = layer->find(fid);
            if (!at || at->row >= at->run->located()) continue;
            tiles::add_cover(*layer, *at, m_options.cut, cover);
            kept.dirty.push_back(at->run->boxes[at->row]);
        }
    };
    for (std::size_t i = 0; i < due.fids.size(); i += rows_a_fetch) {
        auto const some =
            std::span{due.fids}.subspan(i, std::min(rows_a_fetch, due.fids.size() - i));
        MirrorRows rows{layer->shared_schema(), columns};
        m_fetch.read(collection, fields, some, [&](geo::RowView const& row) { rows.take(row); });
        add_covers(some);
        layer = layer->with(rows.release(), some, runs_kept);
        add_covers(some);
    }
    cover.finish();
    auto view = std::make_shared<View>(*kept.view);
    view->layer = std::move(layer);
    if (id == "places") view->places = read_places(m_options.database, collection, *view->layer);
    kept.view = std::move(view);
    kept.seq = due.seq;
    publish();
    m_cache.erase(id, cover);
    m_changes += due.fids.size();
    if (due.since) m_lag = (microseconds_now() - due.since->microseconds) / 1000;
}

/// The next long work, if none is under way: loads first, then what has grown, then what is not
/// kept on disk.
void Follower::start_work() {
    if (m_work || m_stop) return;
    for (auto const& [id, due] : m_due)
        if (due.reload) return start_load(id);
    for (auto& [id, kept] : m_kept)
        if (kept.view->merges() && (!kept.view->pyramid || !kept.dirty.empty()))
            return start_merging(kept);
    for (auto const& [id, kept] : m_kept)
        if (wants_compaction(*kept.view->layer)) return start_compaction(kept);
    for (auto const& [id, kept] : m_kept)
        if (!kept.base_saved) return start_save(kept);
}

void Follower::start_load(std::string const& id) {
    auto collection = m_collections.find(id); // as it is now: an import forgets the native zoom
    if (!collection) {
        m_due.erase(id);
        return;
    }
    auto work = std::make_unique<Work>();
    work->kind = Work::Kind::load;
    work->collection = std::move(*collection);
    // What was changed until now the copy will hold; what comes from now on is due anew.
    m_due.erase(id);
    start(std::move(work));
}

void Follower::start_merging(Kept& kept) {
    auto work = std::make_unique<Work>();
    work->kind = Work::Kind::merge;
    work->collection = kept.view->collection;
    work->before = kept.view;
    work->merged_before = kept.merged;
    work->dirty = std::exchange(kept.dirty, {});
    start(std::move(work));
}

void Follower::start_compaction(Kept const& kept) {
    auto work = std::make_unique<Work>();
    work->kind = Work::Kind::compact;
    work->collection = kept.view->collection;
    work->before = kept.view;
    // Everything read from the feed was applied, unless some of it is still due.
    work->cursor = {m_cursor->generation,
                    m_due.contains(kept.view->id()) ? kept.seq : m_cursor->seq};
    auto const rows = kept.view->layer->count(geo::Policy::everything()).rows;
    work->measures = rows > kept.measured + kept.measured / 10 || rows < kept.measured / 2;
    start(std::move(work));
}

void Follower::start_save(Kept const& kept) {
    auto work = std::make_unique<Work>();
    work->kind = Work::Kind::save;
    work->collection = kept.view->collection;
    work->before = kept.view;
    work->cursor = {m_cursor->generation, kept.base_seq};
    start(std::move(work));
}

void Follower::start(std::unique_ptr<Work> work) {
    bool const serving = m_picture.take()->waiting.empty();
    m_work = std::move(work);
    m_worker = std::jthread{[this, doing = m_work.get(), serving] {
        if (serving) yield_to_readers();
        try {
            doing->perform(m_options, m_segments, m_record);
        } catch (...) {
            doing->fault = std::current_exception();
        }
        m_work_done = true;
        m_listener.end_wait();
    }};
}

void Follower::finish_work() {
    m_worker.join();
    auto const work = std::exchange(m_work, nullptr);
    if (work->fault) {
        if (work->kind == Work::Kind::load) demand_load(work->collection.schema.id);
        std::rethrow_exception(work->fault);
    }
    install(*work);
}

void Follower::install(Work const& work) {
    auto const& id = work.collection.schema.id;
    auto const kept = m_kept.find(id);
    switch (work.kind) {
    case Work::Kind::load: return install_load(work);
    case Work::Kind::merge:
        if (kept != m_kept.end()) install_merging(work, kept->second);
        return;
    case Work::Kind::compact:
        if (kept != m_kept.end()) install_compaction(work, kept->second);
        return;
    case Work::Kind::save:
        if (kept != m_kept.end())
            kept->second.base_saved =
                &kept->second.view->layer->base() == &work.before->layer->base();
        return;
    }
}

void Follower::install_load(Work const& work) {
    auto const& id = work.collection.schema.id;
    auto view = std::make_shared<View>();
    view->collection = work.collection;
    view->layer = work.loaded;
    view->loaded_at = std::chrono::system_clock::now();
    view->load_time = work.time;
    view->pyramid = work.rebuilt.pyramid;
    if (id == "places")
        view->places = read_places(m_options.database, view->collection, *view->layer);
    bool const measured = view->has_tiles() && view->collection.native_zoom < 0;
    if (measured) view->collection.native_zoom = static_cast<int>(view->layer->native_zoom());
    auto const seq = work.cursor.seq;
    m_kept[id] = {view, seq, seq, false, view->layer->base().size(), work.merged, {}};
    // Changes that the copy holds already are no longer due.
    if (auto const due = m_due.find(id); due != m_due.end() && due->second.seq <= seq)
        m_due.erase(due);
    ++m_loads;
    publish();
    m_cache.erase(id);
    spdlog::info("{}: {} rows, {} located, native zoom {}, loaded in {} ms", id,
                 view->layer->count(geo::Policy::everything()).rows, view->layer->size(),
                 view->collection.native_zoom, work.time.count());
    if (measured) keep_native_zoom(*view);
}

void Follower::install_merging(Work const& work, Kept& kept) {
    // Loaded anew, or drawn from another zoom on, while it was merged: that brings its own.
    if (kept.view->pyramid != work.before->pyramid ||
        kept.view->layer->native_zoom() != work.before->layer->native_zoom())
        return;
    bool const from_scratch = kept.view->pyramid == nullptr;
    auto view = std::make_shared<View>(*kept.view);
    view->pyramid = work.rebuilt.pyramid;
    kept.view = std::move(view);
    kept.merged = work.merged;
    publish();
    if (from_scratch) return; // there was no tile of it
    tiles::Cover cover;
    for (auto const tile : work.rebuilt.changed) cover.add(tile, false);
    cover.finish();
    m_cache.erase(kept.view->id(), cover);
}

void Follower::install_compaction(Work const& work, Kept& kept) {
    // Loaded anew while it was compacted: the compaction is of what is gone.
    if (&kept.view->layer->base() != &work.before->layer->base()) return;
    auto view = std::make_shared<View>(*kept.view);
    view->layer = kept.view->layer->rebased(*work.before->layer, work.base, work.native_zoom);
    auto const zoom = static_cast<int>(work.native_zoom);
    bool const zoom_changed = view->has_tiles() && view->collection.native_zoom != zoom;
    if (zoom_changed) {
        view->collection.native_zoom = zoom;
        view->pyramid = nullptr; // it ends at another zoom: made anew
        kept.merged = nullptr;
    }
    kept.base_seq = work.cursor.seq;
    kept.base_saved = true;
    if (work.measures) kept.measured = view->layer->base().size();
    kept.view = view;
    ++m_compactions;
    publish();
    spdlog::info("{}: compacted in {} ms, {} rows, native zoom {}", view->id(), work.time.count(),
                 view->layer->base().size(), zoom);
    if (!zoom_changed) return;
    m_cache.erase(view->id()); // labels begin at another zoom
    keep_native_zoom(*view);
}

void Follower::keep_native_zoom(View const& view) {
    try {
        m_collections.set_native_zoom(view.id(),
                                      static_cast<std::uint32_t>(view.collection.native_zoom));
    } catch (
        geo::Error const& error) { // a standby is read-only; the zoom is known here all the same
        spdlog::warn("{}: native zoom not stored: {}", view.id(), error.what());
    }
}

void Follower::housekeep() {
    m_housekept = Clock::now();
    static_cast<void>(m_feed.trim());
    restamp();
}

/// Says of every base on disk to which nothing happened that it is of now: an old stamp would one
/// day be older than the feed.
void Follower::restamp() {
    if (!m_cursor) return;
    for (auto& [id, kept] : m_kept)
        if (kept.base_saved && !m_due.contains(id) && is_pristine(*kept.view->layer)) {
            m_segments.restamp(*kept.view->layer, m_record, *m_cursor);
            kept.base_seq = m_cursor->seq;
        }
}

void Follower::publish() {
    auto picture = std::make_shared<Picture>();
    picture->registry_read = m_registry_known;
    for (auto const& collection : m_registry) {
        auto const it = m_kept.find(collection.schema.id);
        if (it == m_kept.end() || !m_caught_up)
            picture->waiting.push_back(collection);
        else
            picture->views.push_back(it->second.view);
    }
    m_picture.put(std::move(picture));
    m_news.notify_all();
}

void Follower::note_fault(std::string type) {
    {
        std::lock_guard const lock{m_mutex};
        if (type == m_fault) return;
        if (type.empty())
            spdlog::info("the record can be followed again");
        else
            spdlog::warn("the record cannot be followed: {}", type);
        m_fault = std::move(type);
    }
    m_news.notify_all();
}

} // namespace diaban::services::domain
