#pragma once

#include "geo/schema.hpp"
#include "tiles/mirror/run.hpp"
#include "tiles/tile_id.hpp"

#include <fmt/format.h>
#include <pqxx/pqxx>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace diaban::bench {

/// Processor time of another process of this machine, as the kernel's scheduler counts it; 0 where
/// it does not tell.
inline double process_time(int process) {
    std::ifstream file{fmt::format("/proc/{}/schedstat", process)};
    double nanoseconds = 0;
    file >> nanoseconds;
    return nanoseconds / 1e6;
}

/// Random tiles that hold a row: the tile of a random row's box centre, each tile once.
inline std::vector<tiles::TileId> random_tiles(tiles::mirror::Run const& base, std::uint32_t zoom,
                                               std::size_t count, std::mt19937_64& random) {
    std::set<tiles::TileId> found;
    std::uniform_int_distribution<std::size_t> row{0, base.size() - 1};
    for (std::size_t tries = 0; tries < count * 50 && found.size() < count; ++tries) {
        auto const& box = base.boxes[row(random)];
        auto const shift = 31 - zoom;
        auto const middle = [&](std::int32_t low, std::int32_t high) {
            return std::uint32_t((std::int64_t{low} + high) / 2) >> shift;
        };
        found.insert(
            *tiles::TileId::make(zoom, middle(box.min_x, box.max_x), middle(box.min_y, box.max_y)));
    }
    std::vector<tiles::TileId> picked(found.begin(), found.end());
    std::shuffle(picked.begin(), picked.end(), random);
    return picked;
}

/// The other side: the same rows and fields, projected to EPSG:3857, clustered by its index.
inline void prepare_peer(pqxx::connection& sql, geo::Schema const& schema) {
    std::string fields;
    for (auto const& field : schema.fields)
        if (field.tile) fields += ", " + sql.quote_name(field.name);
    pqxx::nontransaction work{sql};
    work.exec("set jit = off");
    work.exec("create schema if not exists bench");
    work.exec("drop table if exists bench.peer");
    work.exec("create table bench.peer as select fid, st_transform(geom, 3857) as geom" + fields +
              " from record." + sql.quote_name(schema.id) + " where geom is not null");
    work.exec("create index peer_geom on bench.peer using gist (geom)");
    work.exec("cluster bench.peer using peer_geom");
    work.exec("vacuum analyze bench.peer");
    sql.prepare("peer",
                "select st_asmvt(t, '" + schema.id + "', 4096, 'mvt', 'fid') from (select fid" +
                    fields +
                    ", st_asmvtgeom(geom, st_tileenvelope($1, $2, $3), 4096, 64, true) as mvt "
                    "from bench.peer where geom && st_tileenvelope($1, $2, $3, "
                    "margin => 64.0 / 4096)) t where mvt is not null");
}

} // namespace diaban::bench
