#include "data/postgis/topology_store.hpp"

#include "data/postgis/land_sql.hpp"
#include "data/postgis/session.hpp"
#include "data/postgis/sql_text.hpp"
#include "geo/crs.hpp"
#include "geo/error.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>

namespace diaban::data::postgis {

namespace {

using geo::Code;
using geo::Error;
using geo::cadastre::TopologyFinding;
using Json = nlohmann::json;

constexpr std::int32_t usual_scale = 1000; // of parcels that came by no sheet
constexpr std::int32_t usual_srid = 3405;  // likewise: metres, over the whole country
constexpr std::size_t most_parcels = 20'000;

/// A finding's place as a polygon; points become squares that the map can show.
geo::Geometry mark(TopologyFinding const& finding) {
    constexpr double half = 0.5; // m
    if (finding.place.kind != geo::GeometryKind::point) return finding.place;
    auto const p = finding.place.positions.front();
    return {.kind = geo::GeometryKind::polygon,
            .multi = false,
            .srid = 0,
            .positions = {{p.x - half, p.y - half},
                          {p.x + half, p.y - half},
                          {p.x + half, p.y + half},
                          {p.x - half, p.y + half},
                          {p.x - half, p.y - half}},
            .path_ends = {5},
            .part_ends = {1}};
}

Json fault_rows(Coverage const& coverage, std::span<TopologyFinding const> findings) {
    Json rows = Json::array();
    auto const to_world = geo::Transform::between(coverage.srid, 4326);
    for (auto const& finding : findings) {
        auto place = mark(finding);
        to_world.apply(place.positions);
        place.srid = 4326;
        std::string parcels;
        for (auto const parcel : finding.parcels)
            parcels += (parcels.empty() ? "" : ", ") +
                       std::to_string(coverage.sheets[coverage.parcels.sheet[parcel]].number) +
                       "/" + std::to_string(coverage.parcels.number[parcel]);
        auto const& sheet = coverage.sheets.at(finding.sheet);
        rows.push_back({{"kind", name_of(finding.fault)},
                        {"size", finding.size},
                        {"commune", sheet.commune},
                        {"sheet", sheet.number},
                        {"parcels", parcels},
                        {"geom", shape_text(place)}});
    }
    return rows;
}

void insert_faults(pqxx::work& sql, Json const& rows) {
    sql.exec_params("INSERT INTO record.topology_faults (geom, scope, kind, size, commune_code, "
                    "sheet, parcels) SELECT geom::public.geometry, commune, kind, size, commune, "
                    "sheet, parcels FROM jsonb_to_recordset($1::jsonb) AS f (kind text, size "
                    "float8, commune text, sheet bigint, parcels text, geom text)",
                    rows.dump());
}

/// Corners of parcels as their sheets have them. What comes back from WGS 84 lies up to 1.5 mm off
/// (geo::Transform): a corner within 2 mm of one of these is that one.
class Corners {
public:
    void add(geo::Geometry const& shape) {
        for (auto const p : shape.positions) m_cells.emplace(cell(p.x, p.y), p);
    }
    void snap(geo::Geometry& shape) const {
        for (auto& p : shape.positions) {
            auto nearest = p;
            double least = size;
            for (double dx : {-size, 0.0, size})
                for (double dy : {-size, 0.0, size}) {
                    auto const [first, last] = m_cells.equal_range(cell(p.x + dx, p.y + dy));
                    for (auto it = first; it != last; ++it) {
                        double const off = std::hypot(it->second.x - p.x, it->second.y - p.y);
                        if (off < least) {
                            least = off;
                            nearest = it->second;
                        }
                    }
                }
            p = nearest;
        }
    }

private:
    static constexpr double size = 0.002; // m
    static std::int64_t cell(double x, double y) {
        auto const column = static_cast<std::int64_t>(std::floor(x / size));
        auto const row = static_cast<std::int64_t>(std::floor(y / size));
        return column * 4'000'000'007 +
               row; // one cell may meet another's number: both are looked at
    }
    std::unordered_multimap<std::int64_t, geo::Position> m_cells;
};

/// A parcel as it was read.
struct ReadParcel {
    std::int64_t fid = 0;
    Coverage::Sheet sheet;
    std::int64_t number = 0;
    geo::Geometry shape;
    std::optional<geo::Position> label;
};

void add_all(Coverage& coverage, std::vector<ReadParcel> parcels) {
    Corners corners;
    for (auto const& parcel : parcels)
        if (parcel.shape.srid == coverage.srid) corners.add(parcel.shape);
    for (auto& parcel : parcels) {
        if (parcel.shape.srid == 4326) {
            geo::Transform::between(4326, coverage.srid).apply(parcel.shape.positions);
            parcel.shape.srid = coverage.srid;
            corners.snap(parcel.shape);
        }
        coverage.add(parcel.fid, parcel.sheet, parcel.number, std::move(parcel.shape),
                     parcel.label);
    }
}

std::optional<geo::Position> label_of(pqxx::row const& row, int x) {
    if (row[x].is_null()) return std::nullopt;
    return geo::Position{row[x].as<double>(), row[x + 1].as<double>()};
}

/// Where parcels are and were: a box of EPSG:4326, a metre wider; nothing where they are nowhere.
std::optional<geo::Box> window_of(pqxx::work& sql, std::string const& fids) {
    auto const row = sql.exec_params1(
        "SELECT public.st_xmin(e), public.st_ymin(e), public.st_xmax(e), public.st_ymax(e) FROM "
        "(SELECT public.st_expand(public.st_extent(geom), 1e-5) AS e FROM (SELECT geom FROM "
        "record.parcels WHERE fid = ANY ($1::bigint[]) UNION ALL (SELECT DISTINCT ON (fid) geom "
        "FROM record.parcels_history WHERE fid = ANY ($1::bigint[]) ORDER BY fid, version DESC)) "
        "AS both_of_them) AS around",
        fids);
    if (row[0].is_null()) return std::nullopt;
    return geo::Box{row[0].as<double>(), row[1].as<double>(), row[2].as<double>(),
                    row[3].as<double>()};
}

/// Parcels in force that meet the window, and those elsewhere that have the number of one of them.
Coverage coverage_in(pqxx::work& sql, geo::Box const& window) {
    auto const rows = sql.exec_params(
        "WITH here AS (SELECT fid, sheet, parcel_number, commune_code FROM record.parcels WHERE "
        "geom OPERATOR(public.&&) public.st_makeenvelope($1, $2, $3, $4, 4326) AND (valid_to IS "
        "NULL OR valid_to > now()) LIMIT 20001), wanted AS (SELECT fid FROM here UNION SELECT "
        "p.fid FROM here h JOIN record.parcels p ON p.sheet = h.sheet AND p.parcel_number = "
        "h.parcel_number AND p.commune_code = h.commune_code AND (p.valid_to IS NULL OR p.valid_to "
        "> now())) SELECT p.fid, coalesce(p.commune_code, ''), coalesce(p.sheet, 0), "
        "coalesce(p.parcel_number, 0), coalesce(p.source_geom, p.geom), coalesce(s.scale, 0), "
        "k.label_x, k.label_y FROM wanted JOIN record.parcels p USING (fid) LEFT JOIN land.parcel "
        "k USING (fid) LEFT JOIN land.sheet s ON s.id = k.sheet ORDER BY p.fid",
        window.min_x, window.min_y, window.max_x, window.max_y);
    if (rows.size() > most_parcels)
        throw Error{
            Code::too_large,
            "topology-too-large",
            {{"value", std::to_string(rows.size())}, {"accepted", std::to_string(most_parcels)}}};
    Coverage coverage;
    for (auto const& row : rows) {
        auto shape = shape_of(row[4]);
        if (coverage.srid == 0 && shape.srid != 4326) coverage.srid = shape.srid;
        coverage.scale = std::max(coverage.scale, row[5].as<std::int32_t>());
    }
    if (coverage.srid == 0) coverage.srid = usual_srid;
    if (coverage.scale == 0) coverage.scale = usual_scale;
    std::vector<ReadParcel> parcels;
    for (auto const& row : rows)
        parcels.push_back({row[0].as<std::int64_t>(),
                           {row[1].c_str(), row[2].as<std::int64_t>()},
                           row[3].as<std::int64_t>(),
                           shape_of(row[4]),
                           label_of(row, 6)});
    add_all(coverage, std::move(parcels));
    return coverage;
}

geo::Box in_plane(geo::Box const& window, std::int32_t srid) {
    return geo::box_after(geo::Transform::between(4326, srid), window, 1);
}

} // namespace

void Coverage::add(std::int64_t fid, Sheet const& sheet, std::int64_t number, geo::Geometry shape,
                   std::optional<geo::Position> label) {
    if (shape.srid != srid) {
        auto const transform = geo::Transform::between(shape.srid, srid);
        transform.apply(shape.positions);
        if (label) transform.apply(std::span{&*label, 1});
    }
    auto const known = std::ranges::find(sheets, sheet);
    auto const index = static_cast<std::uint32_t>(known - sheets.begin());
    if (known == sheets.end()) sheets.push_back(sheet);
    parcels.add(shape, index, number, label);
    fids.push_back(fid);
}

Coverage TopologyStore::coverage(std::string const& commune) const {
    return reading(m_pool, [&](pqxx::transaction_base& sql) {
        Coverage coverage;
        auto const usual = sql.exec_params(
            "SELECT s.srid, max(s.scale) FROM land.sheet s JOIN land.parcel k ON k.sheet = s.id "
            "WHERE s.commune_code = $1 GROUP BY s.srid ORDER BY count(*) DESC LIMIT 1",
            commune);
        if (usual.empty())
            throw Error{Code::not_found, "unknown-commune", {{"value", commune}, {"day", ""}}};
        coverage.srid = usual[0][0].as<std::int32_t>();
        coverage.scale = usual[0][1].as<std::int32_t>();
        std::vector<ReadParcel> parcels;
        for (auto const& row : sql.exec_params(
                 "SELECT p.fid, p.sheet, p.parcel_number, coalesce(p.source_geom, p.geom), "
                 "k.label_x, k.label_y FROM record.parcels p JOIN land.parcel k USING (fid) JOIN "
                 "land.sheet s ON s.id = k.sheet WHERE s.commune_code = $1 AND p.valid_to IS NULL "
                 "AND p.geom IS NOT NULL ORDER BY p.fid",
                 commune))
            parcels.push_back({row[0].as<std::int64_t>(),
                               {commune, row[1].as<std::int64_t>()},
                               row[2].as<std::int64_t>(),
                               shape_of(row[3]),
                               label_of(row, 4)});
        add_all(coverage, std::move(parcels));
        return coverage;
    });
}

void TopologyStore::keep(std::string const& commune, Coverage const& coverage,
                         std::span<TopologyFinding const> findings) const {
    auto const rows = fault_rows(coverage, findings);
    writing(m_pool, [&](pqxx::work& sql) {
        sql.exec("SELECT land.open_faults()");
        sql.exec_params("DELETE FROM record.topology_faults WHERE commune_code = $1", commune);
        insert_faults(sql, rows);
    });
}

std::optional<std::size_t> TopologyStore::look_again(std::span<std::int64_t const> fids) const {
    return writing(m_pool, [&](pqxx::work& sql) -> std::optional<std::size_t> {
        set_policy(sql, geo::Policy::everything()); // a fault is one whoever made it
        if (sql.exec_params1("SELECT to_regclass('record.topology_faults')")[0].is_null())
            return std::nullopt;
        auto const window = window_of(sql, array_text(fids));
        if (!window) return 0;
        auto const coverage = coverage_in(sql, *window);
        auto const findings = geo::cadastre::check_topology(
            coverage.parcels, {.tolerance = geo::cadastre::tolerance_at(coverage.scale),
                               .threads = 1,
                               .window = in_plane(*window, coverage.srid),
                               .retired = {}});
        sql.exec_params("DELETE FROM record.topology_faults WHERE kind <> 'missing_number' AND "
                        "geom OPERATOR(public.&&) public.st_makeenvelope($1, $2, $3, $4, 4326)",
                        window->min_x, window->min_y, window->max_x, window->max_y);
        insert_faults(sql, fault_rows(coverage, findings));
        return findings.size();
    });
}

} // namespace diaban::data::postgis
