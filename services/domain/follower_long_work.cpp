// The follower's half that starts work of seconds on its other thread, and brings home what it
// made.

#include "geo/error.hpp"
#include "services/domain/follower.hpp"
#include "services/domain/follower_work.hpp"
#include "services/domain/loader.hpp"

#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>

namespace diaban::services::domain {

namespace {

using Clock = std::chrono::steady_clock;
using tiles::mirror::Layer;

bool wants_compaction(Layer const& layer) {
    constexpr std::size_t few = 10'000;
    auto const& base = layer.runs().front();
    auto const dead = base.dead ? base.dead->rows : 0;
    return layer.changed() > std::max(few, base.run->size() / 16) ||
           dead > std::max(few, base.run->size() / 4);
}

/// On Linux a thread has a niceness of its own: reading comes before loading.
void yield_to_readers() {
    constexpr int nice = 10;
    static_cast<void>(::setpriority(PRIO_PROCESS, 0, nice));
}

} // namespace

/// The next long work, if none is under way: loads first, then what has grown, then what is not
/// kept on disk.
void Follower::start_work() {
    if (m_work || m_stop) return;
    for (auto const& [id, due] : m_due)
        if (due.reload) return start_load(id);
    bool const rested = Clock::now() >= m_merging_rests_until;
    for (auto& [id, kept] : m_kept)
        if (kept.view->merges() && (!kept.view->pyramid || (rested && !kept.dirty.empty())))
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
    if (auto const due = m_due.find(id); due != m_due.end()) {
        work->first = due->second.first;
        m_due.erase(due);
    }
    start(std::move(work));
}

void Follower::start_merging(Kept& kept) {
    auto work = std::make_unique<Work>();
    work->kind = Work::Kind::merge;
    work->collection = kept.view->collection;
    work->before = kept.view;
    work->merged_before = kept.view->merged;
    work->dirty = std::exchange(kept.dirty, {});
    work->causes = std::exchange(kept.causes, {});
    work->first = std::exchange(kept.dirty_first, no_change);
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
            doing->perform(m_options, m_line, m_segments, m_record);
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
    try {
        if (work->fault) std::rethrow_exception(work->fault);
        install(*work);
    } catch (...) {
        take_back(*work);
        throw;
    }
}

/// What work that failed was to do is still to be done.
void Follower::take_back(Work& work) {
    auto const& id = work.collection.schema.id;
    if (work.kind == Work::Kind::load) {
        demand_load(id);
        m_due.at(id).first = std::min(m_due.at(id).first, work.first);
    }
    auto const it = m_kept.find(id);
    if (work.kind != Work::Kind::merge || it == m_kept.end()) return;
    auto& kept = it->second;
    kept.dirty.insert(kept.dirty.end(), work.dirty.begin(), work.dirty.end());
    std::ranges::move(work.causes, std::back_inserter(kept.causes));
    kept.dirty_first = std::min(kept.dirty_first, work.first);
}

void Follower::install(Work& work) {
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
    view->merged = work.merged;
    if (id == "places")
        view->places = read_places(m_options.database, view->collection, *view->layer);
    bool const measured = view->has_tiles() && view->collection.native_zoom < 0;
    if (measured) view->collection.native_zoom = static_cast<int>(view->layer->native_zoom());
    auto const seq = work.cursor.seq;
    bool const first = !m_kept.contains(id); // no tile of it was ever made
    m_kept[id] = {view, seq, seq, false, view->layer->base().size(), {}, {}, no_change};
    // Changes that the copy holds already are no longer due.
    if (auto const due = m_due.find(id); due != m_due.end() && due->second.seq <= seq)
        m_due.erase(due);
    ++m_loads;
    if (measured) keep_native_zoom(*view); // before anybody sees it: whoever does may set another
    publish();
    if (!first) m_cache.erase(id);
    m_telling.redrawn(id);
    spdlog::info("{}: {} rows, {} located, native zoom {}, loaded in {} ms", id,
                 view->layer->count(geo::Policy::everything()).rows, view->layer->size(),
                 view->collection.native_zoom, work.time.count());
}

void Follower::install_merging(Work& work, Kept& kept) {
    // Loaded anew, or drawn from another zoom on, while it was merged: that brings its own.
    if (kept.view->pyramid != work.before->pyramid ||
        kept.view->layer->native_zoom() != work.before->layer->native_zoom())
        return;
    bool const from_scratch = kept.view->pyramid == nullptr;
    auto view = std::make_shared<View>(*kept.view);
    view->pyramid = work.rebuilt.pyramid;
    view->merged = work.merged;
    m_merging_rests_until = Clock::now() + work.time; // under a stream of edits half of one core
    kept.view = std::move(view);
    publish();
    if (from_scratch) { // there was no tile of it
        m_telling.redrawn(kept.view->id());
        return;
    }
    tiles::Cover cover;
    for (auto const tile : work.rebuilt.changed) cover.add(tile, false);
    cover.finish();
    m_cache.erase(kept.view->id(), cover);
    m_telling.redrawn(kept.view->id(), std::move(cover), std::move(work.causes));
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
        view->merged = nullptr;
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
    m_telling.redrawn(view->id());
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

} // namespace diaban::services::domain
