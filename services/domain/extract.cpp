#include "services/domain/extract.hpp"

#include "data/postgis/collections.hpp"
#include "data/postgis/copy.hpp"
#include "data/postgis/pool.hpp"
#include "geo/codec/wkb.hpp"
#include "geo/error.hpp"
#include "geo/ops/relation.hpp"
#include "services/api/crs.hpp"
#include "services/api/filters.hpp"
#include "services/api/parameters.hpp"
#include "services/domain/extract_file.hpp"
#include "services/domain/row_columns.hpp"
#include "services/domain/time_fields.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

namespace diaban::services::domain {
namespace {

using geo::GeometryKind;
using geo::filter::Answer;

/// Thrown where a point of several positions meets a file laid out for single ones.
struct Several {};

geo::Geometry outline(geo::Box const& box) {
    geo::Geometry shape;
    shape.kind = GeometryKind::polygon;
    shape.positions = {{box.min_x, box.min_y},
                       {box.max_x, box.min_y},
                       {box.max_x, box.max_y},
                       {box.min_x, box.max_y},
                       {box.min_x, box.min_y}};
    shape.path_ends = {5};
    shape.part_ends = {1};
    return shape;
}

/// A box that rows are held against: a polygon, a line or a point, whatever its sides.
class Window {
public:
    explicit Window(geo::Box const& box) : m_box{box} {
        if (box.min_x < box.max_x && box.min_y < box.max_y)
            m_shape = std::make_unique<geo::ops::Reference>(outline(box));
        else
            m_shape = std::make_unique<geo::ops::Reference>(flat(box));
    }
    [[nodiscard]] bool meets(geo::Geometry const& geometry) const {
        return m_box.intersects(geometry.box()) &&
               m_shape->holds(geo::ops::Relation::intersects, geometry);
    }

private:
    static geo::Geometry flat(geo::Box const& box) {
        geo::Geometry shape;
        bool const point = box.min_x == box.max_x && box.min_y == box.max_y;
        shape.kind = point ? GeometryKind::point : GeometryKind::line;
        shape.positions = {{box.min_x, box.min_y}};
        if (!point) shape.positions.push_back({box.max_x, box.max_y});
        shape.path_ends = {static_cast<std::uint32_t>(shape.positions.size())};
        shape.part_ends = {1};
        return shape;
    }

    geo::Box m_box;
    std::unique_ptr<geo::ops::Reference> m_shape;
};

class Extraction {
public:
    Extraction(data::postgis::CopyOut const& rows, ExtractRequest const& request,
               ExtractWriter& writer, bool single, OnExtract const& on_extract)
        : m_rows{rows}, m_request{request}, m_writer{writer}, m_single{single}, m_on_extract{
                                                                                    on_extract} {
        for (auto const& box : request.boxes) m_windows.emplace_back(box);
        auto const& fields = rows.fields();
        for (std::size_t i = 0; i < fields.size(); ++i)
            if (is_time_field(request.collection.schema, fields[i])) m_time = i;
        m_needs_geometry = request.file.extension() == ".fgb";
    }

    std::uint64_t run() {
        m_rows.read(0, 1, [this](geo::RowView const& row) { take(row); });
        write_some();
        m_writer.finish();
        return m_written;
    }

private:
    static constexpr std::size_t most_rows = 2048;
    static constexpr std::size_t most_positions = 200'000;

    void take(geo::RowView const& row) {
        if (m_some.size() == m_filled) m_some.emplace_back();
        auto& [feature, period] = m_some[m_filled];
        period = m_time ? period_of(row.values[*m_time]) : row.period;
        feature.fid = row.fid;
        feature.geometry = {};
        if (!row.wkb.empty()) geo::codec::read_wkb(row.wkb, feature.geometry);
        feature.values.clear();
        for (auto const& value : row.values) feature.values.push_back(geo::owned(value));
        m_positions += feature.geometry.positions.size();
        ++m_filled;
        ++m_read;
        if (m_filled == most_rows || m_positions >= most_positions) write_some();
    }

    /// Whether the row lies where and when rows are asked for.
    [[nodiscard]] bool lies_within(TimedFeature const& row) const {
        if (m_request.period && !row.period.meets(*m_request.period)) return false;
        if (m_windows.empty()) return true;
        auto const& geometry = row.feature.geometry;
        return !geometry.empty() && std::ranges::any_of(m_windows, [&](Window const& window) {
            return window.meets(geometry);
        });
    }

    void write_some() {
        auto const end = m_some.begin() + static_cast<std::ptrdiff_t>(m_filled);
        // Those that lie within come first; rows keep their order.
        auto const within =
            std::stable_partition(m_some.begin(), end, [&](auto& row) { return lies_within(row); });
        std::span<TimedFeature> const some{m_some.begin(), within};
        std::vector<Answer> answers(some.size(), Answer::yes);
        if (m_request.filter && !some.empty()) {
            RowColumns const columns{some, m_rows.fields()};
            geo::filter::Evaluation{*m_request.filter, columns, some.size()}.range(0, answers);
        }
        for (std::size_t i = 0; i < some.size(); ++i)
            if (answers[i] == Answer::yes) write(some[i].feature);
        m_filled = 0;
        m_positions = 0;
        if (m_on_extract) m_on_extract(m_read, static_cast<std::int64_t>(m_rows.estimated_rows()));
    }

    void write(geo::Feature& feature) {
        if (m_single && feature.geometry.positions.size() > 1) throw Several{};
        m_request.shown.apply(feature);
        if (m_needs_geometry && feature.geometry.empty())
            throw geo::Error{geo::Code::bad_input,
                             "form-without-geometry",
                             {{"parameter", "format"},
                              {"value", "fgb"},
                              {"accepted", "geojson, jsonfg, csv, gpkg, xlsx"}}};
        m_writer.append(feature);
        ++m_written;
    }

    data::postgis::CopyOut const& m_rows;
    ExtractRequest const& m_request;
    ExtractWriter& m_writer;
    bool m_single;
    OnExtract const& m_on_extract;
    std::vector<Window> m_windows;
    std::optional<std::size_t> m_time;
    bool m_needs_geometry = false;
    std::vector<TimedFeature> m_some; // the first `m_filled` of them
    std::size_t m_filled = 0;
    std::size_t m_positions = 0;
    std::uint64_t m_read = 0;
    std::uint64_t m_written = 0;
};

} // namespace

ExtractRequest read_extract(http::Query const& query, data::model::Collection const& collection,
                            geo::Policy const& policy) {
    ExtractRequest request;
    request.collection = collection;
    request.policy = policy;
    request.shown = api::read_presentation(query, collection, policy);
    auto window = api::read_window(query);
    request.boxes = std::move(window.boxes);
    request.period = api::read_datetime(query);
    request.filter = api::read_filter(query, collection.schema, policy, std::move(window.shape));
    return request;
}

data::model::Collection extracted_collection(std::string const& uri, std::string const& id) {
    data::postgis::Pool pool{{.uri = uri, .role = data::postgis::Role::feed, .size = 1}};
    return data::postgis::Collections{pool}.get(id);
}

std::uint64_t extract(std::string const& uri, ExtractRequest const& request,
                      OnExtract const& on_extract) {
    auto const which =
        request.personal ? data::postgis::Fields::all : data::postgis::Fields::impersonal;
    data::postgis::CopyOut const rows{uri, request.collection, which, request.policy};
    auto schema = request.collection.schema;
    if (!request.shown.geometry) schema.geometry = GeometryKind::none;
    auto const& fields = request.personal ? rows.fields() : request.shown.fields;
    // Lines and polygons are Multi in files that have one type a layer; points hardly ever are.
    for (bool const single : {true, false}) {
        if (single && schema.geometry != GeometryKind::point) continue;
        auto const writer = extract_writer(request.file, schema, fields,
                                           {.multi = !single,
                                            .srid = request.shown.crs.srid,
                                            .planar = request.shown.crs.planar(),
                                            .guarded = request.guarded,
                                            .form = request.shown.crs.form(),
                                            .language = request.language,
                                            .shown = &request.shown});
        try {
            return Extraction{rows, request, *writer, single, on_extract}.run();
        } catch (Several const&) {
            continue;
        }
    }
    return 0;
}

} // namespace diaban::services::domain
