#pragma once

#include "tests/support/mvt_reader.hpp"
#include "tiles/pyramid/pyramid.hpp"
#include "tiles/tile_id.hpp"

#include <fmt/format.h>
#include <pqxx/pqxx>

#include <cmath>
#include <cstdint>
#include <iterator>
#include <string>
#include <variant>
#include <vector>

namespace diaban::bench {

/// Well-known text of what a feature of a tile draws, in EPSG:3857.
inline std::string text_of(tests::ReadFeature const& feature, tiles::TileId tile) {
    constexpr double half_world = 20037508.342789244;
    double const unit = 2 * half_world / 4096 / std::ldexp(1.0, int(tile.zoom()));
    auto const position = [&](std::string& text, tests::ReadPoint const& p) {
        fmt::format_to(std::back_inserter(text), "{:.3f} {:.3f}",
                       (double(tile.x()) * 4096 + double(p.x)) * unit - half_world,
                       half_world - (double(tile.y()) * 4096 + double(p.y)) * unit);
    };
    std::string text = feature.type == 1 ? "MULTIPOINT(" : "MULTIPOLYGON((";
    bool first = true;
    for (auto const& path : feature.paths) {
        if (feature.type == 1) {
            for (auto const& p : path) {
                text += first ? "" : ",";
                position(text, p);
                first = false;
            }
            continue;
        }
        if (!first) text += tests::twice_area(path) > 0 ? "),(" : ",";
        text += '(';
        for (std::size_t i = 0; i <= path.size(); ++i) {
            text += i == 0 ? "" : ",";
            position(text, path[i % path.size()]);
        }
        text += ')';
        first = false;
    }
    return text + (feature.type == 1 ? ")" : "))");
}

/// The other side, like against like: the very features that these low tiles show, ready in an
/// indexed table, from which the statement `merged` makes a tile.
inline void prepare_merged(pqxx::connection& sql, tiles::pyramid::Pyramid const& pyramid,
                           std::vector<tiles::TileId> const& tiles) {
    {
        pqxx::work work{sql};
        work.exec("create table bench.merged (class text, count bigint, area_m2 double precision, "
                  "geom geometry(geometry, 3857))");
        pqxx::stream_to into{work, "bench.merged"};
        auto const policy = geo::Policy::everything();
        for (auto const tile : tiles) {
            std::string body;
            pyramid.cut(tile, {}, policy, body);
            for (auto const& layer : tests::read_tile(body))
                for (auto const& feature : layer.features) {
                    auto const named = feature.tags.find(pyramid.plan().class_field);
                    into << std::make_tuple(named == feature.tags.end()
                                                ? std::string{}
                                                : std::get<std::string>(named->second),
                                            std::get<std::int64_t>(feature.tags.at("count")),
                                            std::get<double>(feature.tags.at("area_m2")),
                                            "SRID=3857;" + text_of(feature, tile));
                }
        }
        into.complete();
        work.commit();
    }
    pqxx::nontransaction work{sql};
    work.exec("create index on bench.merged using gist (geom)");
    work.exec("vacuum analyze bench.merged");
    sql.prepare("merged", "select st_asmvt(t, 'merged') from (select class, count, area_m2, "
                          "st_asmvtgeom(geom, st_tileenvelope($1, $2, $3), 4096, 0, true) as mvt "
                          "from bench.merged where geom && st_tileenvelope($1, $2, $3)) t "
                          "where mvt is not null");
}

inline void drop_merged(pqxx::connection& sql) {
    sql.unprepare("merged");
    pqxx::nontransaction{sql}.exec("drop table bench.merged");
}

} // namespace diaban::bench
