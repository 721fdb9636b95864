#include "services/domain/follower.hpp"

#include "geo/error.hpp"
#include "services/domain/follower_work.hpp"
#include "services/domain/loader.hpp"
#include "tiles/dirty.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace diaban::services::domain {

namespace {

using Clock = std::chrono::steady_clock;
using tiles::mirror::Layer;

constexpr std::chrono::seconds registry_age{5};
constexpr std::chrono::minutes housekeeping{1};
constexpr std::chrono::seconds pause_after_fault{1};
// Changes rarely come alone: for a while after one the feed is looked at more often.
constexpr std::chrono::milliseconds pause_in_a_stream{5};
constexpr std::chrono::seconds stream_ends{1};
constexpr std::uint32_t changes_a_batch = 1000;
constexpr std::size_t rows_a_fetch = 5'000;

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

/// Whether nothing changed since the base was made.
bool is_pristine(Layer const& layer) {
    return layer.runs().size() == 1 && !layer.runs().front().dead;
}

} // namespace

Follower::Follower(FollowerOptions options, tiles::mirror::Published<Picture>& picture,
                   tiles::Cache& cache)
    : m_options{std::move(options)}, m_picture{picture}, m_cache{cache},
      m_segments{m_options.segments}, m_pool{feed_pool(m_options.database)}, m_collections{m_pool},
      m_feed{m_pool}, m_reader{m_pool}, m_fetch{m_options.database}, m_listener{m_options.database},
      m_telling{m_options.tell}, m_line{m_options.database}, m_thread{[this] { run(); }} {}

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

bool Follower::await_change(std::string const& collection, std::int64_t seq,
                            Clock::time_point end) {
    m_listener.end_wait();
    std::unique_lock lock{m_mutex};
    return m_news.wait_until(lock, end, [&] {
        auto const it = m_shown.find(collection);
        return it != m_shown.end() && it->second >= seq;
    });
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
    note_shown();
    start_work();
    tell();
    if (look_ahead()) {
        tell();
        done = true;
    }
    bool const copying = m_work && m_work->kind == Work::Kind::load;
    if (m_due.empty() && !copying) {
        m_seq = m_cursor->seq;
        m_line.close();
    }
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
        m_kept[id] = {std::move(view), seq, seq, true, rows, {}, {}, no_change};
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
        // Titles and attributions may have changed without a row having; the zoom is ours. Where
        // none has, the view stays the same one: what was made of it is not made again.
        auto told = collection;
        told.native_zoom = held->native_zoom;
        if (told == *held) continue;
        auto refreshed = std::make_shared<View>(*it->second.view);
        refreshed->collection = std::move(told);
        it->second.view = std::move(refreshed);
    }
    publish();
}

bool Follower::read_changes() {
    bool any = false;
    while (!m_stop) {
        auto reading = m_reader.read(*m_cursor, changes_a_batch);
        if (!reading) {
            start_anew();
            return true;
        }
        for (auto const& change : reading->settled) take_change(change);
        any |= !reading->settled.empty();
        m_ahead = std::move(reading->ahead);
        if (!m_ahead.empty() || reading->settled.size() < changes_a_batch) break;
    }
    return any;
}

void Follower::take_change(data::postgis::Change const& change) {
    m_cursor->seq = std::max(m_cursor->seq, change.seq);
    m_telling.take(change);
    auto const kept = m_kept.find(change.collection);
    if (kept != m_kept.end() && change.seq <= kept->second.seq) return;
    auto& due = m_due[change.collection];
    due.first = std::min(due.first, change.seq);
    due.seq = std::max(due.seq, change.seq);
    if (!due.since) due.since = change.at;
    due.reload |= change.operation == data::postgis::Operation::import;
    if (!due.reload) due.fids.push_back(change.fid);
}

/// Another generation, or a gap: what is held here can no longer be brought up to date.
void Follower::start_anew() {
    spdlog::warn("the change feed does not go on from here: loading everything anew");
    m_cursor = m_feed.head();
    m_telling.end();
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
        // Where neighbours leave out the same points, one row is no matter of its own.
        due.reload |= kept == m_kept.end() || kept->second.view->collection.schema.simplifies() ||
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
    auto const add_covers = [&](std::span<std::int64_t const> fids, Telling::Moment moment) {
        for (auto const fid : fids) {
            auto const at = layer->find(fid);
            if (!at || at->row >= at->run->located()) continue;
            tiles::Cover of_row;
            tiles::add_cover(*layer, *at, m_options.cut, of_row);
            for (auto const& cell : of_row.cells()) cover.add(cell.tile, cell.with_descendants);
            m_telling.note(id, fid, moment, *at, std::move(of_row));
            if (!kept.view->merges()) continue;
            kept.dirty.push_back(at->run->boxes[at->row]);
            kept.dirty_first = std::min(kept.dirty_first, due.first);
            if (m_telling.begun()) kept.causes.push_back(Telling::cause(*at));
        }
    };
    for (std::size_t i = 0; i < due.fids.size(); i += rows_a_fetch) {
        auto const some =
            std::span{due.fids}.subspan(i, std::min(rows_a_fetch, due.fids.size() - i));
        MirrorRows rows{layer->shared_schema(), columns};
        m_fetch.read(collection, fields, some, [&](geo::RowView const& row) { rows.take(row); });
        add_covers(some, Telling::Moment::before);
        layer = layer->with(rows.release(), some, runs_kept);
        add_covers(some, Telling::Moment::after);
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

/// Draws what is committed already while an earlier change may still be being committed: whoever
/// waits for a slow commit, tiles do not. The rows are drawn once more, told, and counted as shown
/// when it is their turn.
bool Follower::look_ahead() {
    m_looked_at.erase(m_looked_at.begin(), m_looked_at.upper_bound(m_cursor->seq));
    std::map<std::string, Due> seen;
    for (auto const& change : std::exchange(m_ahead, {})) {
        auto const& id = change.collection;
        auto const kept = m_kept.find(id);
        if (kept == m_kept.end() || m_due.contains(id) || loading(id) ||
            change.seq <= kept->second.seq || kept->second.view->collection.schema.simplifies() ||
            change.operation == data::postgis::Operation::import ||
            !m_looked_at.insert(change.seq).second)
            continue;
        auto& due = seen[id];
        due.first = std::min(due.first, change.seq);
        due.seq = kept->second.seq; // what it holds without a gap
        if (!due.since) due.since = change.at;
        due.fids.push_back(change.fid);
    }
    for (auto& [id, due] : seen) apply(id, due);
    return !seen.empty();
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

/// Of what was read of the feed, readers see everything but what is still due or being copied.
void Follower::note_shown() {
    bool moved = false;
    {
        std::lock_guard const lock{m_mutex};
        for (auto const& [id, kept] : m_kept) {
            auto const now = m_due.contains(id) || loading(id) ? kept.seq : m_cursor->seq;
            moved |= std::exchange(m_shown[id], now) != now;
        }
    }
    if (moved) m_news.notify_all();
}

/// Whether every collection has been loaded, and merged where it is drawn so.
bool Follower::everything_is_drawn() const {
    return std::ranges::all_of(m_registry, [this](auto const& collection) {
        auto const it = m_kept.find(collection.schema.id);
        return it != m_kept.end() && (!it->second.view->merges() || it->second.view->pyramid);
    });
}

/// The place of the feed up to which tiles of all zooms show everything.
std::int64_t Follower::fresh_seq() const {
    auto next = m_cursor->seq + 1;
    for (auto const& [id, due] : m_due) next = std::min(next, due.first);
    if (m_work) next = std::min(next, m_work->first);
    for (auto const& [id, kept] : m_kept) next = std::min(next, kept.dirty_first);
    return next - 1;
}

void Follower::tell() {
    if (!m_telling.begun()) {
        if (everything_is_drawn()) m_telling.begin(*m_cursor, fresh_seq());
        return;
    }
    m_telling.tell(*m_cursor, fresh_seq(),
                   [this](std::string const& id) { return m_due.contains(id) || loading(id); });
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
