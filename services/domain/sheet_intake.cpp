#include "services/domain/sheet_intake.hpp"

#include "data/gdal/vector_sink.hpp"
#include "geo/codec/geohash.hpp"
#include "geo/crs.hpp"
#include "geo/error.hpp"
#include "geo/ops/label.hpp"
#include "geo/ops/measure.hpp"
#include "geo/ops/overlay.hpp"
#include "services/domain/sheet_reader.hpp"

#include <algorithm>
#include <set>
#include <vector>

namespace diaban::services::domain {

namespace {

using data::model::SheetParcel;
using geo::Position;

constexpr unsigned identifier_length = 12;

/// The gate's reading of positions that lie easting first already.
geo::cadastre::SheetReading upright(geo::cadastre::SheetReading reading) {
    reading.swapped = false;
    return reading;
}

/// Corners as the file has them.
std::vector<Position> corners_of(std::vector<SheetParcel> const& parcels, bool swapped) {
    std::vector<Position> corners;
    for (auto const& parcel : parcels)
        corners.insert(corners.end(), parcel.source.positions.begin(),
                       parcel.source.positions.end());
    if (swapped)
        for (auto& p : corners) std::swap(p.x, p.y);
    std::ranges::sort(corners, {}, [](Position p) { return std::pair{p.x, p.y}; });
    corners.erase(std::unique(corners.begin(), corners.end()), corners.end());
    return corners;
}

/// Places, areas and identifiers, once it is known how the numbers are to be read.
void locate(std::vector<SheetParcel>& parcels, geo::cadastre::SheetReading const& reading) {
    std::set<std::string> taken;
    for (auto& parcel : parcels) {
        parcel.place = parcel.source;
        parcel.place.srid = 4326;
        parcel.place.positions = positions_read(parcel.source.positions, upright(reading));
        parcel.projected_area_m2 = geo::ops::planar_area(parcel.source);
        parcel.ellipsoidal_area_m2 = geo::ops::geodesic_area(parcel.place);
        Position const inside = geo::ops::pole_of_inaccessibility(parcel.source, 0.01);
        auto const at = positions_read(std::vector{inside}, upright(reading)).front();
        parcel.identifier = geo::codec::geohash(at, identifier_length);
        if (!taken.insert(parcel.identifier).second)
            throw geo::Error{
                geo::Code::conflict, "identifier-taken", {{"value", parcel.identifier}}};
    }
}

geo::cadastre::Lot lot_of(geo::Geometry const& shape, std::int64_t number, std::string const& use,
                          int srid) {
    geo::cadastre::Lot lot{shape, std::to_string(number), use};
    if (shape.srid != srid) geo::Transform::between(shape.srid, srid).apply(lot.shape.positions);
    return lot;
}

data::postgis::SheetRevisions::Revised revise(data::postgis::Pool& pool,
                                              data::model::Sheet const& sheet,
                                              std::vector<SheetParcel> const& parcels,
                                              data::model::Correction const& correction,
                                              std::string const& who) {
    data::postgis::SheetRevisions const revisions{pool};
    auto const standing = revisions.standing(sheet);
    std::vector<geo::cadastre::Lot> before, after;
    for (auto const& was : standing.parcels)
        before.push_back(lot_of(was.source, was.number, was.land_use, sheet.srid));
    for (auto const& is : parcels)
        after.push_back(lot_of(is.source, is.number, is.land_use, sheet.srid));
    auto const comparison =
        geo::cadastre::compare_editions(before, after, standing.vertex_tolerance, 2);
    return revisions.store(sheet, standing, parcels, comparison, correction, who);
}

} // namespace

SheetReport take_sheet(data::postgis::Pool& pool, SheetEntry const& entry, std::string const& who,
                       bool keep) {
    data::postgis::SheetStore const store{pool};
    auto read = read_sheet(entry);
    auto const commune = store.commune(entry.sheet.commune_code, entry.sheet.drawn_on);
    SheetReport report{entry.sheet, {}, std::move(read.encoding), {}, {}, commune.of_successors};
    report.sheet.commune_from = commune.from;
    report.sheet.encoding = name_of(report.encoding.encoding);
    report.gate = judge_sheet(
        corners_of(read.parcels, entry.reading.swapped), entry.reading,
        {.boundary = commune.boundary, .neighbours = store.corners_near(commune.boundary.box())});
    report.sheet.datum_proved = report.gate.datum_proved;
    if (!report.gate.accepted || !keep) return report;
    locate(read.parcels, entry.reading);
    if (entry.replaces)
        report.revised = revise(pool, report.sheet, read.parcels, *entry.replaces, who);
    else
        report.stored = store.store(report.sheet, read.parcels, who);
    return report;
}

std::size_t write_sheet(data::postgis::SheetStore const& store, std::string const& commune,
                        std::int64_t number, std::filesystem::path const& file) {
    auto const kept = store.sheet(commune, number);
    data::gdal::VectorSink sink{file,
                                "sheet_" + std::to_string(number),
                                geo::GeometryKind::polygon,
                                {{"number", geo::FieldType::integer},
                                 {"land_use", geo::FieldType::text},
                                 {"legal_area_m2", geo::FieldType::number},
                                 {"projected_area_m2", geo::FieldType::number},
                                 {"ellipsoidal_area_m2", geo::FieldType::number},
                                 {"identifier", geo::FieldType::text}},
                                false,
                                kept.sheet.srid};
    for (auto const& parcel : kept.parcels) {
        auto shape = parcel.source;
        if (kept.sheet.axes_swapped)
            for (auto& p : shape.positions) std::swap(p.x, p.y);
        sink.append(shape,
                    std::vector<geo::Value>{
                        parcel.number, parcel.land_use,
                        parcel.legal_area_m2 ? geo::Value{*parcel.legal_area_m2} : geo::Value{},
                        parcel.projected_area_m2, parcel.ellipsoidal_area_m2, parcel.identifier});
    }
    sink.finish();
    return kept.parcels.size();
}

} // namespace diaban::services::domain
