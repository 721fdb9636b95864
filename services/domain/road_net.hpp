#pragma once

#include "geo/route/flooded_roads.hpp"
#include "geo/route/road_graph.hpp"
#include "services/domain/cut_off_inputs.hpp"
#include "services/domain/process.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace diaban::services::domain {

/// Roads of the record. Columns by line, and by road.
struct RoadNet {
    geo::route::RoadLines lines;
    geo::route::RoadFootings footings; ///< by line
    std::vector<std::int64_t> fids;    ///< by line
    std::vector<std::uint32_t> roads;  ///< by line: the number of its road
    std::vector<std::string> names;    ///< by road; empty: none
    std::size_t links = 0;             ///< over gaps: the last of the lines
};

/// A place where people live.
struct PeopledPlace {
    std::int64_t fid = 0;
    std::string code;
    std::string name;
    std::int64_t people = 0;
    geo::Position at; ///< its point, or a position inside it
};

/// Where people may stay.
struct Shelter {
    std::int64_t fid = 0;
    std::string name;
    std::string kind;
    std::optional<std::int64_t> capacity; ///< nothing: not known
    geo::Position at;
};

/// Lines of roads that are driven, as they are now.
///
/// Speeds    by the class field: as asked, else as usual for the class, else 30 km/h; 0 and
/// railways
///           are left out.
/// Footing   field `bridge` or class `bridge`: a bridge; field `ford` or class `ford`, or a name
/// with
///           “cầu tràn”, “ngầm tràn”, “đường tràn”, or that begins with “ngầm”: a ford; field
///           `deck_m`: the level of the deck, m in the datum of the ground.
/// One-way   field `oneway`: yes, true, 1; -1 against the line.
[[nodiscard]] RoadNet read_roads(Work const& work, CutOffInputs const& inputs, std::int64_t now);

/// Places with people, as they are now, by code; of one level where the collection has levels.
[[nodiscard]] std::vector<PeopledPlace> read_peopled(Work const& work, CutOffInputs const& inputs,
                                                     std::int64_t now);

/// Shelters of the kinds that are asked for, by fid.
[[nodiscard]] std::vector<Shelter> read_shelters(Work const& work, CutOffInputs const& inputs,
                                                 std::int64_t now);

} // namespace diaban::services::domain
