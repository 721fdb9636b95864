#include "services/domain/exposure_targets.hpp"

#include "data/blob/sha256.hpp"
#include "data/postgis/copy.hpp"
#include "data/postgis/row_fetch.hpp"
#include "geo/codec/wkb.hpp"
#include "geo/crs.hpp"
#include "geo/error.hpp"
#include "geo/ops/edge_boxes.hpp"
#include "geo/ops/measure.hpp"
#include "geo/ops/overlay.hpp"
#include "services/domain/coverage_shelf.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <deque>
#include <iterator>
#include <map>
#include <string_view>
#include <utility>

namespace diaban::services::domain {

namespace {

using data::model::Collection;
using data::postgis::Fields;
using geo::Geometry;
using geo::GeometryKind;
using geo::Position;
using geo::exposure::Footprints;

constexpr char places_id[] = "places";
/// To be raised when rows are laid on grids in another way.
constexpr int made_as = 1;
/// Changes of the feed that are looked through, and rows among them that are found anew one by one:
/// beyond, all are.
constexpr std::uint32_t most_changes = 20'000;
constexpr std::size_t most_renewed = 2'000;
/// Changes of others after which a file is told where the feed is.
constexpr std::size_t worth_a_stamp = 500;

/// Numbers for texts, in the order in which they come.
class Names {
public:
    std::uint32_t number(std::string_view text) {
        auto const found = m_numbers.find(text);
        if (found != m_numbers.end()) return found->second;
        auto const number = std::uint32_t(m_texts.size());
        m_texts.emplace_back(text);
        m_numbers.emplace(text, number);
        return number;
    }
    [[nodiscard]] std::vector<std::string> const& texts() const noexcept { return m_texts; }

private:
    std::vector<std::string> m_texts;
    std::map<std::string, std::uint32_t, std::less<>> m_numbers;
};

/// Outlines of communes, asked for places.
struct Outlines {
    struct One {
        std::int64_t fid = 0;
        Geometry shape; // its edges refer to it: never moved
        geo::Box box;
        std::optional<geo::ops::EdgeBoxes> edges;
    };
    std::deque<One> all;

    [[nodiscard]] std::int64_t holder(Position p) const {
        for (auto const& one : all)
            if (p.x >= one.box.min_x && p.x <= one.box.max_x && p.y >= one.box.min_y &&
                p.y <= one.box.max_y && one.edges->signed_distance(p) >= 0)
                return one.fid;
        return 0;
    }
};

} // namespace

/// Turns rows into targets.
class TargetShelf::Maker {
public:
    Maker(Collection const& collection, std::vector<geo::Field> const& fields,
          geo::raster::Frame const& frame, Holder const& holder)
        : m_collection{collection.schema.id}, m_communes{m_collection == places_id},
          m_sight{m_collection, fields}, m_class{fields, collection.schema.class_field},
          m_level{fields, "level"}, m_code{fields, "code"}, m_name{fields, "full_name"},
          m_population{fields, "population"}, m_holder{holder}, m_srid{frame.srid},
          m_degrees{degrees_of(frame)},
          m_from_degrees{geo::Transform::between(4326, frame.srid)}, m_cells{frame} {}

    void take(geo::RowView const& row) {
        if (row.wkb.empty() || (m_communes && m_level.text(row) != "commune")) return;
        geo::codec::read_wkb(row.wkb, m_shape);
        if (m_shape.empty()) return;
        auto const value = m_class.text(row);
        auto const middle = middle_of(m_shape);
        m_sight.widen(row, m_shape);
        bool const near = meets(m_shape.box());
        bool const home = is_home(m_collection, value);
        if (!near && !home && !m_communes) return;
        TargetRow made{.fid = row.fid,
                       .begin = row.period.begin,
                       .end = row.period.end,
                       .kind = m_kinds.number(value),
                       .scope = m_scopes.number(row.scope),
                       .sensitivity = row.sensitivity,
                       .home = home ? 1U : 0U,
                       .shape = std::uint32_t(m_shape.kind)};
        if (!m_communes) made.commune = m_holder(middle);
        if (near || home) {
            m_from_degrees.apply(m_shape.positions);
            m_shape.srid = m_srid;
            if (m_shape.kind == GeometryKind::polygon) made.whole = geo::ops::planar_area(m_shape);
        } else { // too far to be brought to this CRS
            m_shape.positions.clear();
            m_shape.path_ends.clear();
            m_shape.part_ends.clear();
        }
        m_cells.add(m_shape);
        if (m_cells.last_is_empty() && !home && !m_communes) return m_cells.drop_last();
        if (m_communes)
            m_known.push_back(
                {row.fid, m_code.text(row), m_name.text(row), m_population.number(row)});
        m_rows.push_back(made);
    }

    [[nodiscard]] TargetView view(Json const& key, data::postgis::Cursor cursor) const {
        Json about{{"key", key}};
        if (m_communes) about["communes"] = m_known;
        return {m_rows, m_cells.view(), m_kinds.texts(), m_scopes.texts(), about, cursor};
    }

private:
    [[nodiscard]] bool meets(geo::Box const& box) const noexcept {
        return box.min_x <= m_degrees.max_x && m_degrees.min_x <= box.max_x &&
               box.min_y <= m_degrees.max_y && m_degrees.min_y <= box.max_y;
    }

    std::string m_collection;
    bool m_communes;
    CameraSight m_sight;
    RowColumn m_class;
    RowColumn m_level;
    RowColumn m_code;
    RowColumn m_name;
    RowColumn m_population;
    Holder const& m_holder;
    int m_srid;
    geo::Box m_degrees; ///< of the grid
    geo::Transform m_from_degrees;
    Geometry m_shape;
    Footprints m_cells;
    std::vector<TargetRow> m_rows;
    std::vector<Json> m_known; ///< of communes: fid, code, name, people
    Names m_kinds;
    Names m_scopes;
};

TargetShelf::TargetShelf(std::string database, std::filesystem::path folder,
                         geo::raster::Frame frame, std::int64_t now)
    : m_database{std::move(database)}, m_folder{std::move(folder)}, m_frame{frame}, m_now{now},
      m_pool{{.uri = m_database,
              .role = data::postgis::Role::feed,
              .size = 1,
              .wait = std::chrono::seconds{5},
              .statement_timeout = std::chrono::seconds{10}}},
      m_registry{m_pool}, m_feed{m_pool} {}

Json TargetShelf::key_of(Collection const& collection, Json communes) const {
    auto const& f = m_frame;
    return {{"frame", {f.srid, f.west, f.north, f.width, f.height, f.shape.columns, f.shape.rows}},
            {"collection", collection.schema.id},
            {"version", collection.schema.version},
            {"made", made_as},
            {"class", collection.schema.class_field},
            {"communes", std::move(communes)}};
}

std::filesystem::path TargetShelf::file_of(std::string const& collection) const {
    auto const& f = m_frame;
    auto const frame =
        Json{f.srid, f.west, f.north, f.width, f.height, f.shape.columns, f.shape.rows}.dump();
    auto const digest = data::blob::hex(data::blob::sha256(std::as_bytes(std::span{frame})));
    return m_folder / ("targets-" + collection + "-" + digest.substr(0, 16));
}

/// Changes after a cursor, of one look at the feed for all files that are not older than the first.
std::optional<TargetShelf::Changes> TargetShelf::changes_after(data::postgis::Cursor cursor) const {
    if (!m_look || m_look->first.generation != cursor.generation ||
        m_look->first.seq > cursor.seq) {
        auto changes = m_feed.after(cursor, most_changes);
        if (!changes || changes->size() >= most_changes) return std::nullopt;
        m_look.emplace(cursor, *std::move(changes));
    }
    Changes later;
    std::ranges::copy_if(m_look->second, std::back_inserter(later),
                         [&](auto const& change) { return change.seq > cursor.seq; });
    return later;
}

std::optional<Targets> TargetShelf::kept(Collection const& collection, Json const& key) const {
    auto const& id = collection.schema.id;
    auto file = TargetFile::open(file_of(id));
    if (!file || file->view().about["key"] != key) return std::nullopt;
    auto const changes = changes_after(file->view().cursor);
    if (!changes) return std::nullopt;
    Targets targets;
    targets.base = file->view();
    for (auto const& change : *changes) {
        if (change.collection == places_id) return std::nullopt;
        if (change.collection != id) continue;
        if (change.operation == data::postgis::Operation::import) return std::nullopt;
        targets.changed.insert(change.fid);
    }
    if (targets.changed.size() > most_renewed) return std::nullopt;
    if (targets.changed.empty() && changes->size() >= worth_a_stamp)
        TargetFile::restamp(file_of(id), {targets.base.cursor.generation, changes->back().seq});
    targets.held = std::make_shared<TargetFile const>(*std::move(file));
    return targets;
}

Targets TargetShelf::made(Collection const& collection, Json const& key,
                          Holder const& holder) const {
    data::postgis::CopyOut const rows{m_database, collection, Fields::impersonal};
    auto const maker = std::make_shared<Maker>(collection, rows.fields(), m_frame, holder);
    rows.read(0, 1, [&](geo::RowView const& row) { maker->take(row); });
    auto const view = maker->view(key, {rows.cursor_generation(), rows.cursor_seq()});
    auto const name = file_of(collection.schema.id);
    TargetFile::write(name, view);
    auto const file = TargetFile::open(name);
    // Another job may have written it meanwhile, of a later moment or for other communes.
    bool const ours =
        file && file->view().about["key"] == key && file->view().cursor == view.cursor;
    Targets targets;
    targets.base = ours ? file->view() : view;
    targets.held = maker;
    if (ours) targets.held = std::make_shared<TargetFile const>(*file);
    return targets;
}

/// Finds those that changed anew.
void TargetShelf::renew(Targets& targets, Collection const& collection,
                        Holder const& holder) const {
    if (targets.changed.empty()) return;
    auto const fields = data::postgis::RowFetch::fields(collection, Fields::impersonal);
    auto const maker = std::make_shared<Maker>(collection, fields, m_frame, holder);
    std::vector<std::int64_t> const fids(targets.changed.begin(), targets.changed.end());
    data::postgis::RowFetch fetch{m_database};
    fetch.read(collection, Fields::impersonal, fids,
               [&](geo::RowView const& row) { maker->take(row); });
    targets.since = maker->view({}, targets.base.cursor);
    targets.held =
        std::make_shared<std::pair<std::shared_ptr<void const>, std::shared_ptr<void const>>>(
            targets.held, maker);
}

TargetShelf::Holder TargetShelf::holder(Collection const& places,
                                        std::vector<std::int64_t> const& fids) const {
    auto const outlines = std::make_shared<Outlines>();
    data::postgis::RowFetch fetch{m_database};
    fetch.read(places, Fields::tile, fids, [&](geo::RowView const& row) {
        auto& one = outlines->all.emplace_back();
        one.fid = row.fid;
        geo::codec::read_wkb(row.wkb, one.shape);
        one.box = one.shape.box();
        one.edges.emplace(one.shape);
    });
    return [outlines](Position p) { return outlines->holder(p); };
}

Targets TargetShelf::communes(Collection const& places) const {
    auto const key = key_of(places, nullptr);
    auto found = kept(places, key);
    if (!found || !found->changed.empty())
        found = made(places, key, [](Position) { return std::int64_t{0}; });
    for (auto const& one : found->base.about["communes"])
        found->communes.push_back({one[0].get<std::int64_t>(), one[1].get<std::string>(),
                                   one[2].get<std::string>(), one[3].get<double>()});
    return *std::move(found);
}

Targets TargetShelf::rows(Collection const& collection, Collection const& places,
                          Targets const& communes) const {
    geo::Period const moment{m_now, m_now};
    std::vector<std::int64_t> fids;
    for (auto const& row : communes.base.rows)
        if (geo::Period{row.begin, row.end}.meets(moment)) fids.push_back(row.fid);
    auto const key = key_of(collection, fids);
    auto found = kept(collection, key);
    if (found && found->changed.empty()) return *std::move(found);
    auto const holds = holder(places, fids);
    if (!found) return made(collection, key, holds);
    renew(*found, collection, holds);
    return *std::move(found);
}

} // namespace diaban::services::domain
