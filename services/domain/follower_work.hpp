#pragma once

#include "services/domain/follower.hpp"

#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <vector>

namespace diaban::services::domain {

/// Work of seconds on one collection, beside the following.
struct Follower::Work {
    enum class Kind : std::uint8_t { load, merge, compact, save };

    Kind kind = Kind::load;
    data::model::Collection collection;
    std::shared_ptr<View const> before;                 ///< what is compacted or saved
    data::postgis::Cursor cursor;                       ///< of `before`; of the copy once loaded
    std::shared_ptr<tiles::mirror::Layer const> loaded; ///< by a load
    std::shared_ptr<tiles::pyramid::LayerRows const>
        merged_before;                    ///< what the pyramid of `before` was made of
    std::vector<tiles::GridBox> dirty;    ///< where they changed; with a pyramid
    std::vector<TilesNews::Cause> causes; ///< the rows that changed there
    std::int64_t first = no_change;       ///< number of the first change that this is for
    std::shared_ptr<tiles::pyramid::LayerRows const> merged; ///< by a merging, or with a load
    tiles::pyramid::Pyramid::Rebuilt rebuilt;
    std::shared_ptr<tiles::mirror::Run const> base; ///< by a compaction
    std::uint32_t native_zoom = 0;                  ///< with that base
    bool measures = false;                          ///< whether that is to be measured anew
    std::chrono::milliseconds time{0};
    std::exception_ptr fault;

    /// Does it; on a thread of its own, which shares nothing of the follower's but what is given.
    void perform(FollowerOptions const& options, data::postgis::CopyLine& line,
                 Segments const& segments, std::uint64_t record);

private:
    void merge(std::shared_ptr<tiles::mirror::Layer const> const& layer,
               tiles::pyramid::Pyramid const* pyramid, unsigned threads);
};

} // namespace diaban::services::domain
