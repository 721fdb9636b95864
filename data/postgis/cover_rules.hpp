#pragma once

#include "data/postgis/pool.hpp"

#include <string>
#include <vector>

namespace diaban::data::postgis {

/// A kind of cover that goes with a land use.
struct UseCover {
    std::string land_use;
    std::string cover; ///< built, crop, forest, grass, water, bare
};

/// Those in force today, by land use.
/// Throws   Error{unavailable, …}.
[[nodiscard]] std::vector<UseCover> use_covers(Pool& pool);

} // namespace diaban::data::postgis
