#include "services/domain/follower_work.hpp"

#include "services/domain/loader.hpp"
#include "services/domain/standing.hpp"

#include <optional>
#include <utility>

namespace diaban::services::domain {

using tiles::mirror::Layer;
using tiles::pyramid::LayerRows;
using tiles::pyramid::Pyramid;

void Follower::Work::perform(FollowerOptions const& options, data::postgis::CopyLine& line,
                             Segments const& segments, std::uint64_t record) {
    auto const begin = std::chrono::steady_clock::now();
    switch (kind) {
    case Kind::load: {
        auto copied = copy_collection(line, collection, options.load_threads);
        loaded = std::move(copied.layer);
        cursor = copied.cursor;
        merge(loaded, nullptr, options.load_threads);
        break;
    }
    case Kind::merge: // after an edit one thread: readers want the others
        merge(before->layer, before->pyramid.get(), before->pyramid ? 1 : options.load_threads);
        break;
    case Kind::compact: {
        base = before->layer->compacted(options.load_threads);
        native_zoom = before->layer->native_zoom();
        auto const alone = Layer::of(base, measures ? std::nullopt : std::optional{native_zoom});
        native_zoom = alone->native_zoom();
        segments.save(*alone, record, cursor);
        break;
    }
    case Kind::save: segments.save(*before->layer, record, cursor); break;
    }
    time = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                 begin);
}

/// What is drawn below the native zoom: made anew, or where something changed.
void Follower::Work::merge(std::shared_ptr<Layer const> const& layer, Pyramid const* pyramid,
                           unsigned threads) {
    auto const zoom = layer->native_zoom();
    if (!layer->schema().merges() || layer->size() == 0 || zoom == 0) return;
    merged = std::make_shared<LayerRows const>(layer, merged_before.get(), now_microseconds());
    if (pyramid != nullptr)
        rebuilt = pyramid->rebuild(merged->keys(), *merged, dirty, threads, merged_before.get());
    else
        rebuilt.pyramid = Pyramid::build(tiles::pyramid::plan_of(layer->schema(), zoom),
                                         merged->keys(), *merged, threads);
}

} // namespace diaban::services::domain
