#include "services/domain/sheet_reader.hpp"

#include "data/gdal/text.hpp"
#include "data/gdal/vector_source.hpp"
#include "geo/cadastre/parcel_index.hpp"
#include "geo/codec/wkb.hpp"
#include "geo/error.hpp"
#include "geo/ops/overlay.hpp"
#include "geo/ops/validate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <functional>
#include <numeric>
#include <set>

namespace diaban::services::domain {

namespace {

using data::gdal::RowBatch;
using data::gdal::VectorSource;
using data::model::SheetParcel;
using geo::Code;
using geo::Error;
using geo::Geometry;
using geo::GeometryKind;
using geo::Position;

/// A row of the file: what may be a parcel or a text of one. Texts as they come, in the order of
/// `SheetColumns`.
struct Row {
    Geometry shape;
    std::vector<std::string> texts;
};

[[noreturn]] void refuse_parcel(SheetEntry const& entry, std::string const& which,
                                std::string const& reason) {
    throw Error{Code::bad_input,
                "sheet-parcel",
                {{"file", entry.sheet.file}, {"value", which}, {"reason", reason}}};
}

/// MicroStation's later format is a compound file, which no free library reads.
void refuse_dgn_v8(SheetEntry const& entry) {
    std::ifstream in{entry.file, std::ios::binary};
    char magic[4] = {};
    in.read(magic, sizeof magic);
    if (std::string_view{magic, 4} == "\xD0\xCF\x11\xE0")
        throw Error{Code::bad_input, "dgn-v8", {{"file", entry.sheet.file}}};
}

std::string text_of(geo::ValueView const& value) {
    return std::visit(
        [](auto const& held) -> std::string {
            using Held = std::decay_t<decltype(held)>;
            if constexpr (std::is_same_v<Held, std::string_view>)
                return std::string{data::gdal::trimmed(held)};
            else if constexpr (std::is_same_v<Held, std::int64_t> || std::is_same_v<Held, double>)
                return fmt::format("{}", held);
            else
                return {};
        },
        value);
}

std::size_t field_index(VectorSource const& source, std::string const& name) {
    auto const& fields = source.layer().fields;
    auto const found = std::ranges::find(fields, name, &data::gdal::SourceField::name);
    if (found != fields.end()) return static_cast<std::size_t>(found - fields.begin());
    std::string known;
    for (auto const& field : fields) known += (known.empty() ? "" : ", ") + field.name;
    throw Error{Code::bad_input, "unknown-source-field", {{"field", name}, {"accepted", known}}};
}

std::vector<Row> rows_of(VectorSource& source, std::vector<std::string> const& names) {
    std::vector<std::size_t> selected;
    for (auto const& name : names)
        if (!name.empty()) selected.push_back(field_index(source, name));
    source.select(selected);
    std::vector<Row> rows;
    RowBatch batch;
    while (source.read(batch))
        for (std::size_t i = 0; i < batch.size(); ++i) {
            Row row;
            if (!batch.row(i).wkb.empty() && batch.row(i).fault.empty())
                geo::codec::read_wkb(batch.row(i).wkb, row.shape);
            auto const values = batch.values(i);
            std::size_t next = 0;
            for (auto const& name : names)
                row.texts.push_back(name.empty() ? std::string{} : text_of(values[next++]));
            rows.push_back(std::move(row));
        }
    return rows;
}

std::optional<double> area_in(std::string text) {
    std::ranges::replace(text, ',', '.'); // as local papers write it
    double area = 0;
    auto const [end, fault] = std::from_chars(text.data(), text.data() + text.size(), area);
    if (fault != std::errc{} || end != text.data() + text.size() || !(area > 0) || area > 1e12)
        return std::nullopt;
    return area;
}

/// The parcel that texts make of a shape: number, use, legal area, holder, certificate, address.
SheetParcel parcel_of(SheetEntry const& entry, Geometry shape,
                      std::vector<std::string> const& texts, std::size_t row) {
    SheetParcel parcel;
    auto const& number = texts[0];
    auto const [end, fault] =
        std::from_chars(number.data(), number.data() + number.size(), parcel.number);
    auto const which = number.empty() ? fmt::format("row {}", row) : number;
    if (fault != std::errc{} || end != number.data() + number.size() || parcel.number < 1)
        refuse_parcel(entry, which, "no-number");
    parcel.land_use = texts[1];
    if (!texts[2].empty()) {
        parcel.legal_area_m2 = area_in(texts[2]);
        if (!parcel.legal_area_m2) refuse_parcel(entry, which, "bad-area " + texts[2]);
    }
    parcel.holder = texts[3];
    parcel.certificate = texts[4];
    parcel.address = texts[5];
    if (shape.kind != GeometryKind::polygon || shape.empty())
        refuse_parcel(entry, which, "no-polygon");
    auto const verdict = geo::ops::validate(shape);
    if (!verdict.valid) refuse_parcel(entry, which, verdict.reason);
    parcel.source = std::move(shape);
    return parcel;
}

/// A closed line as a polygon.
std::optional<Geometry> closed(Geometry shape) {
    if (shape.kind == GeometryKind::polygon) return shape;
    if (shape.kind != GeometryKind::line || shape.path_ends.size() != 1) return std::nullopt;
    if (shape.positions.size() < 4 || shape.positions.front() != shape.positions.back())
        return std::nullopt;
    shape.kind = GeometryKind::polygon;
    shape.multi = false;
    shape.part_ends = {1};
    return shape;
}

/// Takes the outlines that lie in others out of them.
void cut_holes(std::vector<Geometry>& outlines) {
    geo::cadastre::ParcelSet set;
    for (auto const& outline : outlines) set.add(outline, 0, 0);
    geo::cadastre::ParcelIndex const index{set};
    std::vector<double> areas;
    for (auto const& outline : outlines) areas.push_back(geo::ops::planar_area(outline));
    for (std::size_t inner = 0; inner < outlines.size(); ++inner) {
        auto const at = geo::ops::point_inside(outlines[inner]);
        if (!at) continue;
        auto around = index.holding(*at);
        std::erase_if(around, [&](std::uint32_t i) { return areas[i] <= areas[inner]; });
        if (around.empty()) continue;
        auto& outer =
            outlines[*std::ranges::min_element(around, {}, [&](auto i) { return areas[i]; })];
        auto const ring = outlines[inner].path(0);
        std::vector<Position> const hole(ring.rbegin(), ring.rend());
        outer.positions.insert(outer.positions.end(), hole.begin(), hole.end());
        outer.path_ends.push_back(static_cast<std::uint32_t>(outer.positions.size()));
        outer.part_ends = {static_cast<std::uint32_t>(outer.path_ends.size())};
    }
}

/// Drawings: outlines from one layer, texts from others.
std::vector<SheetParcel> from_drawing(SheetEntry const& entry, std::vector<Row> const& rows,
                                      std::function<std::string(std::string const&)> const& read) {
    std::vector<Geometry> outlines;
    for (auto const& row : rows)
        if (row.texts[0] == entry.columns.boundary)
            if (auto outline = closed(row.shape)) outlines.push_back(std::move(*outline));
    cut_holes(outlines);
    geo::cadastre::ParcelSet set;
    for (auto const& outline : outlines) set.add(outline, 0, 0);
    geo::cadastre::ParcelIndex const index{set};
    std::string const* const layers[] = {&entry.columns.number,      &entry.columns.land_use,
                                         &entry.columns.legal_area,  &entry.columns.holder,
                                         &entry.columns.certificate, &entry.columns.address};
    std::vector<std::vector<std::string>> texts(outlines.size(),
                                                std::vector<std::string>(std::size(layers)));
    std::vector<std::optional<Position>> labels(outlines.size());
    for (auto const& row : rows) {
        auto const* const layer = std::ranges::find_if(
            layers, [&](std::string const* one) { return !one->empty() && *one == row.texts[0]; });
        if (layer == std::end(layers) || row.shape.kind != GeometryKind::point) continue;
        auto const at = row.shape.positions.front();
        auto const around = index.holding(at); // holes are out: there is one, or none
        if (around.empty()) continue;
        texts[around[0]][static_cast<std::size_t>(layer - std::begin(layers))] = read(row.texts[1]);
        if (layer == std::begin(layers)) labels[around[0]] = at;
    }
    std::vector<SheetParcel> parcels;
    for (std::size_t i = 0; i < outlines.size(); ++i) {
        parcels.push_back(parcel_of(entry, std::move(outlines[i]), texts[i], i + 1));
        parcels.back().label = labels[i];
    }
    return parcels;
}

void swap_axes(SheetParcel& parcel) {
    for (auto& p : parcel.source.positions) std::swap(p.x, p.y);
    if (parcel.label) std::swap(parcel.label->x, parcel.label->y);
}

geo::cadastre::EncodingEvidence judged(SheetEntry const& entry, std::vector<Row> const& rows,
                                       bool drawing) {
    std::vector<std::string> texts;
    for (auto const& row : rows)
        for (std::size_t i = drawing ? 1 : 0; i < row.texts.size(); ++i)
            if (!row.texts[i].empty()) texts.push_back(row.texts[i]);
    auto evidence = geo::cadastre::encoding_of(texts);
    if (entry.encoding) {
        evidence.encoding = *geo::cadastre::text_encoding_named(*entry.encoding);
        evidence.sure = true;
        for (auto& sample : evidence.samples)
            sample.after = geo::cadastre::decoded(sample.before, evidence.encoding);
    } else if (!evidence.sure) {
        throw Error{Code::bad_input,
                    "sheet-encoding",
                    {{"file", entry.sheet.file},
                     {"value", evidence.samples.empty() ? "" : evidence.samples[0].after},
                     {"accepted", "unicode, tcvn3, vni"}}};
    }
    return evidence;
}

void refuse_doubles(SheetEntry const& entry, std::vector<SheetParcel> const& parcels) {
    std::set<std::int64_t> numbers;
    for (auto const& parcel : parcels)
        if (!numbers.insert(parcel.number).second)
            refuse_parcel(entry, std::to_string(parcel.number), "number-twice");
    if (parcels.empty()) refuse_parcel(entry, "-", "no-parcels");
}

} // namespace

ReadSheet read_sheet(SheetEntry const& entry) {
    refuse_dgn_v8(entry);
    auto source = VectorSource::open(entry.file, {.layer = entry.layer});
    bool const drawing = source.driver() == "DXF" || source.driver() == "DGN";
    auto const& columns = entry.columns;
    auto const names =
        drawing ? std::vector<std::string>{source.driver() == "DXF" ? "Layer" : "Level", "Text"}
                : std::vector<std::string>{columns.number, columns.land_use,    columns.legal_area,
                                           columns.holder, columns.certificate, columns.address};
    auto const rows = rows_of(source, names);
    ReadSheet sheet{{}, judged(entry, rows, drawing)};
    auto const read = [&](std::string const& text) {
        return geo::cadastre::decoded(text, sheet.encoding.encoding);
    };
    if (drawing) {
        sheet.parcels = from_drawing(entry, rows, read);
    } else {
        for (std::size_t i = 0; i < rows.size(); ++i) {
            std::vector<std::string> texts;
            for (auto const& text : rows[i].texts) texts.push_back(read(text));
            sheet.parcels.push_back(parcel_of(entry, rows[i].shape, texts, i + 1));
        }
    }
    refuse_doubles(entry, sheet.parcels);
    for (auto& parcel : sheet.parcels) {
        if (entry.reading.swapped) swap_axes(parcel);
        parcel.source.srid = entry.reading.srid;
    }
    return sheet;
}

} // namespace diaban::services::domain
