#include "services/domain/atlas.hpp"

#include "geo/error.hpp"
#include "services/domain/loader.hpp"
#include "services/http/content_coding.hpp"
#include "services/http/representation.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <iterator>

namespace diaban::services::domain {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds registry_age{5};
constexpr std::chrono::seconds pause_after_fault{1};
constexpr std::uint32_t changes_a_batch = 1000;

data::postgis::PoolOptions feed_pool(std::string const& database) {
    data::postgis::PoolOptions options;
    options.uri = database;
    options.role = data::postgis::Role::feed;
    options.size = 1;
    options.statement_timeout = std::chrono::seconds{30};
    return options;
}

/// What the bytes of a tile depend on. A view's generation stands for its rows and its schema.
std::string key_of(std::span<std::shared_ptr<View const> const> views, tiles::TileId tile,
                   geo::Policy const& policy, http::Encoding encoding) {
    std::string key;
    key.reserve(96);
    auto const to = std::back_inserter(key);
    for (auto const& view : views) fmt::format_to(to, "{}@{},", view->id(), view->generation);
    fmt::format_to(to, "|{}/{}/{}||{}|{}", tile.zoom(), tile.x(), tile.y(), policy.key(),
                   to_string(encoding));
    return key;
}

std::int64_t microseconds_now() {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

} // namespace

View const* Picture::find(std::string_view id) const noexcept {
    auto const it = std::ranges::find_if(views, [&](auto const& view) { return view->id() == id; });
    return it == views.end() ? nullptr : it->get();
}

Atlas::Atlas(AtlasOptions options)
    : m_options{std::move(options)}, m_pool{feed_pool(m_options.database)},
      m_collections{m_pool}, m_feed{m_pool}, m_cache{m_options.cache_bytes},
      m_picture{std::make_shared<Picture const>()}, m_thread{[this] { follow(); }} {}

Atlas::~Atlas() {
    {
        std::lock_guard const lock{m_mutex};
        m_stop = true;
    }
    m_changed.notify_all();
    m_thread.join();
}

std::shared_ptr<Picture const> Atlas::picture() const {
    return m_picture.load(std::memory_order_acquire);
}

std::shared_ptr<View const> Atlas::view(std::string_view id) const {
    auto const now = picture();
    for (auto const& view : now->views)
        if (view->id() == id) return view;
    bool const waiting = std::ranges::any_of(
        now->waiting, [&](auto const& collection) { return collection.schema.id == id; });
    if (waiting || !m_registry_known)
        throw geo::Error{
            geo::Code::unavailable, "not-ready", {{"collection", std::string{id.substr(0, 64)}}}};
    throw geo::Error{geo::Code::not_found,
                     "unknown-collection",
                     {{"collection", std::string{id.substr(0, 64)}}}};
}

TileAnswer Atlas::tile(std::span<std::string const> collections, tiles::TileId tile,
                       geo::Policy const& policy, http::Encoding encoding) {
    static auto const empty = std::make_shared<tiles::Tile const>();
    TileAnswer answer{empty, {}};
    std::vector<std::shared_ptr<View const>> drawn;
    drawn.reserve(collections.size());
    for (auto const& id : collections) {
        auto found = view(id);
        if (!found->layer) throw geo::Error{geo::Code::not_found, "no-tiles", {{"collection", id}}};
        auto const least = found->layer->min_zoom();
        if (tile.zoom() < least)
            answer.below.emplace_back(id, least);
        else
            drawn.push_back(std::move(found));
    }
    if (!drawn.empty())
        answer.tile = m_cache.get(key_of(drawn, tile, policy, encoding),
                                  [&] { return make_tile(drawn, tile, policy, encoding); });
    return answer;
}

tiles::Tile Atlas::make_tile(std::span<std::shared_ptr<View const> const> views, tiles::TileId tile,
                             geo::Policy const& policy, http::Encoding encoding) const {
    thread_local std::string scratch; // keeps its memory from tile to tile
    scratch.clear();
    tiles::Tile made;
    for (auto const& view : views) {
        auto const summary = tiles::cut(*view->layer, tile, m_options.cut, policy, scratch);
        made.shown += summary.shown;
        made.total += summary.total;
    }
    if (scratch.empty()) return made;
    made.body = http::encode(scratch, encoding);
    made.etag = http::etag_of(made.body);
    constexpr std::size_t most_kept = 4u << 20;
    if (scratch.capacity() > most_kept) std::string{}.swap(scratch);
    return made;
}

Atlas::Readiness Atlas::readiness() const {
    Readiness readiness;
    readiness.registry_read = m_registry_known;
    for (auto const& collection : picture()->waiting)
        readiness.missing.push_back(collection.schema.id);
    readiness.ready = readiness.registry_read && readiness.missing.empty();
    std::lock_guard const lock{m_mutex};
    readiness.fault = m_fault;
    return readiness;
}

bool Atlas::wait_until_ready(std::chrono::milliseconds patience) {
    auto const end = Clock::now() + patience;
    while (!readiness().ready) {
        std::unique_lock lock{m_mutex};
        if (m_stop || m_changed.wait_until(lock, end) == std::cv_status::timeout) break;
    }
    return readiness().ready;
}

void Atlas::follow() {
    for (;;) {
        std::chrono::milliseconds pause = m_options.poll;
        try {
            step();
            note_fault({});
        } catch (geo::Error const& error) {
            note_fault(error.type());
            pause = pause_after_fault;
        } catch (std::exception const& fault) {
            note_fault(fault.what());
            pause = pause_after_fault;
        }
        std::unique_lock lock{m_mutex};
        if (m_changed.wait_for(lock, pause, [this] { return m_stop; })) return;
    }
}

void Atlas::step() {
    // The feed's end is read before anything is copied: what comes later is seen as a change.
    if (!m_cursor) m_cursor = m_feed.head();
    read_changes();
    if (!m_registry_known || !m_due.empty() || Clock::now() - m_registry_read > registry_age)
        read_registry();
    std::exception_ptr fault; // of one collection; the others are loaded all the same
    for (auto const& collection : m_registry) {
        auto const it = m_due.find(collection.schema.id);
        if (it == m_due.end()) continue;
        if (stopping()) return;
        try {
            load(collection);
        } catch (...) {
            fault = std::current_exception();
            continue;
        }
        if (it->second) m_last_lag = (microseconds_now() - it->second->microseconds) / 1000;
        m_due.erase(it);
        publish();
    }
    if (fault) std::rethrow_exception(fault);
}

bool Atlas::stopping() const {
    std::lock_guard const lock{m_mutex};
    return m_stop;
}

void Atlas::read_registry() {
    m_registry = m_collections.list();
    m_registry_read = Clock::now();
    auto const listed = [&](std::string const& id) {
        return std::ranges::any_of(m_registry,
                                   [&](auto const& entry) { return entry.schema.id == id; });
    };
    std::erase_if(m_views, [&](auto const& entry) { return !listed(entry.first); });
    std::erase_if(m_due, [&](auto const& entry) { return !listed(entry.first); });
    for (auto const& collection : m_registry) {
        auto const it = m_views.find(collection.schema.id);
        if (it == m_views.end() ||
            it->second->collection.schema.version != collection.schema.version) {
            m_due.try_emplace(collection.schema.id);
        } else { // titles and attributions may have changed without a row having
            auto refreshed = std::make_shared<View>(*it->second);
            auto const native_zoom = refreshed->collection.native_zoom;
            refreshed->collection = collection;
            refreshed->collection.native_zoom = native_zoom;
            it->second = std::move(refreshed);
        }
    }
    publish();
    m_registry_known = true;
}

void Atlas::read_changes() {
    for (;;) {
        auto const changes = m_feed.after(*m_cursor, changes_a_batch);
        if (!changes) { // a restored database: nothing held here can be trusted
            spdlog::warn("change feed of another generation: loading everything anew");
            m_cursor = m_feed.head();
            for (auto const& [id, view] : m_views) m_due.try_emplace(id);
            m_copied_at.clear();
            return;
        }
        for (auto const& change : *changes) {
            m_cursor->seq = std::max(m_cursor->seq, change.seq);
            auto const copied = m_copied_at.find(change.collection);
            if (copied != m_copied_at.end() && change.seq <= copied->second.seq) continue;
            auto& due = m_due[change.collection];
            if (!due) due = change.at;
        }
        if (changes->size() < changes_a_batch) return;
    }
}

void Atlas::load(data::model::Collection const& collection) {
    auto const begin = Clock::now();
    auto copied = copy_collection(m_options.database, collection, m_options.load_threads);
    auto view = std::make_shared<View>();
    view->collection = collection;
    view->generation = ++m_generation;
    view->layer = std::move(copied.layer);
    view->census = std::make_shared<Census const>(std::move(copied.census));
    view->places = std::move(copied.places);
    view->loaded_at = std::chrono::system_clock::now();
    view->load_time = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
    if (view->layer && view->layer->size() > 0)
        view->collection.native_zoom = static_cast<int>(view->layer->native_zoom());
    spdlog::info("{}: {} rows, {} located, native zoom {}, {} ms", view->id(),
                 view->census->count(geo::Policy::everything()),
                 view->layer ? view->layer->size() : 0, view->collection.native_zoom,
                 view->load_time.count());
    if (view->collection.native_zoom != collection.native_zoom) keep_native_zoom(*view);
    m_copied_at[view->id()] = copied.cursor;
    if (auto const old = m_views.find(view->id()); old != m_views.end())
        m_cache.erase_prefix(fmt::format("{}@{},", view->id(), old->second->generation));
    m_views[view->id()] = std::move(view);
}

void Atlas::keep_native_zoom(View const& view) {
    try {
        m_collections.set_native_zoom(view.id(),
                                      static_cast<std::uint32_t>(view.collection.native_zoom));
    } catch (
        geo::Error const& error) { // a standby is read-only; the zoom is known here all the same
        spdlog::warn("{}: native zoom not stored: {}", view.id(), error.what());
    }
}

void Atlas::publish() {
    auto picture = std::make_shared<Picture>();
    for (auto const& collection : m_registry) {
        auto const it = m_views.find(collection.schema.id);
        if (it == m_views.end())
            picture->waiting.push_back(collection);
        else
            picture->views.push_back(it->second);
    }
    m_picture.store(std::move(picture), std::memory_order_release);
    m_changed.notify_all();
}

void Atlas::note_fault(std::string type) {
    std::lock_guard const lock{m_mutex};
    if (type == m_fault) return;
    if (type.empty())
        spdlog::info("the record can be followed again");
    else
        spdlog::warn("the record cannot be followed: {}", type);
    m_fault = std::move(type);
}

} // namespace diaban::services::domain
