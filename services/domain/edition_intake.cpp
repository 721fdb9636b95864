#include "services/domain/edition_intake.hpp"

#include "data/postgis/collections.hpp"
#include "data/postgis/edition_store.hpp"
#include "geo/codec/rfc3339.hpp"
#include "geo/codec/wkb.hpp"
#include "geo/crs.hpp"
#include "geo/error.hpp"
#include "services/domain/intake_row.hpp"
#include "services/domain/intake_shape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace diaban::services::domain {

namespace {

using data::gdal::VectorSource;
using data::model::Collection;
using data::model::Edition;
using data::model::NewLot;
using geo::Code;
using geo::Error;
using geo::cadastre::Lot;

constexpr unsigned threads = 2;

[[noreturn]] void refuse_row(EditionEntry const& entry, std::size_t row, std::string_view reason) {
    throw Error{Code::bad_input,
                "edition-row",
                {{"file", entry.request.file.filename().string()},
                 {"row", std::to_string(row)},
                 {"reason", std::string{reason}}}};
}

std::vector<NewLot> read_lots(EditionEntry const& entry, Collection const& collection) {
    auto source = VectorSource::open(entry.request.file, entry.request.source);
    RowBinder binder{collection.schema, source.layer(), entry.request, false};
    int const srid = entry.request.srid.value_or(source.layer().srid);
    if (srid <= 0)
        throw Error{
            Code::bad_input, "missing-crs", {{"file", entry.request.file.filename().string()}}};
    ShapeReader shapes{collection.schema.geometry, srid, false};
    source.select(binder.selection());
    std::vector<NewLot> lots;
    data::gdal::RowBatch batch;
    while (source.read(batch))
        for (std::size_t i = 0; i < batch.size(); ++i) {
            auto const row = batch.row(i);
            auto const number = lots.size() + 1;
            auto const bound = binder.bind(batch.values(i), row.number);
            if (!bound.fault.empty()) refuse_row(entry, number, bound.fault);
            if (!row.fault.empty()) refuse_row(entry, number, row.fault);
            auto const shape = shapes.read(row.wkb, row.number);
            if (!shape.fault.empty()) refuse_row(entry, number, shape.fault);
            if (!shape.located) refuse_row(entry, number, "no-polygon");
            NewLot lot{
                {shapes.ewkb().begin(), shapes.ewkb().end()}, srid, std::string{bound.scope}, {}};
            for (auto const& value : bound.values) lot.values.push_back(geo::owned(value));
            lots.push_back(std::move(lot));
        }
    if (lots.empty()) refuse_row(entry, 0, "no-parcels");
    return lots;
}

std::size_t field_of(Collection const& collection, std::string const& name) {
    auto const& fields = collection.schema.fields;
    auto const found = std::ranges::find(fields, name, &geo::Field::name);
    if (found == fields.end())
        throw Error{Code::bad_input,
                    "unknown-field",
                    {{"field", name}, {"collection", collection.schema.id}, {"accepted", ""}}};
    return static_cast<std::size_t>(found - fields.begin());
}

std::string text_of(geo::Value const& value) {
    if (auto const* const text = std::get_if<std::string>(&value)) return *text;
    if (auto const* const number = std::get_if<std::int64_t>(&value))
        return std::to_string(*number);
    return {};
}

/// Lots as they are compared: places in degrees, to be brought to the plane.
std::vector<Lot> compared(EditionEntry const& entry, Collection const& collection,
                          std::vector<NewLot> const& rows) {
    auto const id = field_of(collection, entry.lot);
    bool const has_use = !entry.use.empty();
    auto const use = has_use ? field_of(collection, entry.use) : 0;
    std::vector<Lot> lots;
    for (auto const& row : rows) {
        Lot lot{{}, text_of(row.values[id]), has_use ? text_of(row.values[use]) : std::string{}};
        geo::codec::read_wkb(row.ewkb, lot.shape);
        lots.push_back(std::move(lot));
    }
    return lots;
}

std::vector<Lot> compared(std::vector<data::model::StandingLot> const& rows) {
    std::vector<Lot> lots;
    for (auto const& row : rows) lots.push_back({row.place, row.id, row.use});
    return lots;
}

void bring_to_plane(std::vector<Lot>& lots, int plane) {
    auto const transform = geo::Transform::between(4326, plane);
    for (auto& lot : lots) {
        transform.apply(lot.shape.positions);
        lot.shape.srid = plane;
    }
}

/// The grid that the corners were rounded to in degrees, in metres of the plane.
void find_grid(Edition& edition, std::vector<Lot> const& lots) {
    std::vector<double> x, y;
    geo::Box box;
    for (auto const& lot : lots)
        for (auto const& p : lot.shape.positions) {
            x.push_back(p.x);
            y.push_back(p.y);
            box.extend(p);
        }
    auto const step_x = geo::cadastre::grid_step(std::move(x));
    auto const step_y = geo::cadastre::grid_step(std::move(y));
    if (!step_x || !step_y) return;
    geo::Position const middle{(box.min_x + box.max_x) / 2, (box.min_y + box.max_y) / 2};
    std::vector<geo::Position> corner{
        middle, {middle.x + *step_x, middle.y}, {middle.x, middle.y + *step_y}};
    geo::Transform::between(4326, edition.srid).apply(corner);
    edition.step_x = std::hypot(corner[1].x - corner[0].x, corner[1].y - corner[0].y);
    edition.step_y = std::hypot(corner[2].x - corner[0].x, corner[2].y - corner[0].y);
}

double noise_between(EditionEntry const& entry, Edition const& before, Edition const& after) {
    if (entry.vertex_tolerance) return *entry.vertex_tolerance;
    if (!before.step_x || !before.step_y || !after.step_x || !after.step_y)
        throw Error{Code::bad_input,
                    "edition-noise",
                    {{"file", after.file}, {"accepted", "vertex_tolerance"}}};
    return std::hypot(*before.step_x + *after.step_x, *before.step_y + *after.step_y) / 2;
}

std::string who() {
    char const* const user = std::getenv("USER");
    return fmt::format("machine:{}", user != nullptr && *user != 0 ? user : "root");
}

} // namespace

EditionReport take_edition(std::string const& uri, EditionEntry const& entry) {
    data::postgis::Pool pool{data::postgis::for_long_work(uri)};
    data::postgis::EditionStore const store{pool};
    auto const collection = data::postgis::Collections{pool}.get(entry.request.collection);
    auto const before = store.last(collection.schema.id);
    Edition edition{.id = 0,
                    .collection = collection.schema.id,
                    .since = entry.since,
                    .file = entry.request.file.filename().string(),
                    .use_field = entry.use,
                    .srid = entry.plane,
                    .step_x = {},
                    .step_y = {},
                    .noise = {}};
    if (before && before->since >= entry.since)
        throw Error{Code::conflict,
                    "edition-not-later",
                    {{"value", geo::codec::date_text(entry.since)},
                     {"accepted", geo::codec::date_text(before->since)}}};
    auto const rows = read_lots(entry, collection);
    auto lots = compared(entry, collection, rows);
    find_grid(edition, lots);
    bring_to_plane(lots, entry.plane);
    EditionReport report{edition.file, edition.collection, rows.size(), {}, 0, {}, {}, 0};
    auto const standing = store.lots(edition.collection, entry.lot, entry.use);
    if (standing.empty()) {
        store.store(edition, collection, rows, {}, {}, who());
        return report;
    }
    auto earlier = compared(standing);
    bring_to_plane(earlier, entry.plane);
    edition.noise = report.noise = noise_between(entry, before.value_or(Edition{}), edition);
    auto const comparison = geo::cadastre::compare_editions(earlier, lots, *edition.noise, threads);
    store.store(edition, collection, rows,
                data::postgis::EditionStore::Found{standing, lots, comparison},
                before ? std::optional{before->id} : std::nullopt, who());
    report.farthest_same = comparison.farthest_same;
    report.nearest_change = comparison.nearest_change;
    for (auto const& event : comparison.events) ++report.changes[event.kind];
    report.purposes = comparison.purposes.size();
    return report;
}

std::string one_line(EditionReport const& report) {
    auto line = fmt::format("{} → {}: {} lots", report.file, report.collection, report.lots);
    if (!report.noise) return line + ", the first edition";
    line += fmt::format("; digitising moves up to {:.2f} m; the same ground moved up to {:.2f} m",
                        *report.noise, report.farthest_same);
    if (report.nearest_change)
        line += fmt::format(", the least of other borders {:.2f} m", *report.nearest_change);
    for (auto const& [kind, count] : report.changes)
        line += fmt::format("; {} {}", count, name_of(kind));
    return line + fmt::format("; {} changed their purpose", report.purposes);
}

} // namespace diaban::services::domain
