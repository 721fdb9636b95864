#include "services/domain/extract.hpp"

#include "data/postgis/collections.hpp"
#include "data/postgis/copy.hpp"
#include "data/postgis/pool.hpp"
#include "geo/error.hpp"
#include "geo/ops/rectangle.hpp"
#include "geo/ops/relation.hpp"
#include "geo/parallel.hpp"
#include "services/api/crs.hpp"
#include "services/api/filters.hpp"
#include "services/api/parameters.hpp"
#include "services/domain/extract_file.hpp"
#include "services/domain/in_turn.hpp"
#include "services/domain/row_columns.hpp"
#include "services/domain/time_fields.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace diaban::services::domain {
namespace {

using geo::GeometryKind;
using geo::filter::Answer;

/// Thrown where a point of several positions meets a file laid out for single ones.
struct Several {};

/// A box that rows are held against: a polygon, a line or a point, whatever its sides.
class Window {
public:
    explicit Window(geo::Box const& box) : m_box{box} {
        if (box.min_x < box.max_x && box.min_y < box.max_y)
            m_shape = std::make_unique<geo::ops::Reference>(geo::ops::rectangle(box));
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

/// What is told of all parts together.
class Told {
public:
    Told(OnExtract const& on_extract, std::uint64_t of)
        : m_on_extract{on_extract}, m_of{static_cast<std::int64_t>(of)} {}

    void add(std::size_t read, std::size_t written) {
        std::scoped_lock const lock{m_guard};
        m_read += read;
        m_written += written;
        if (m_on_extract) m_on_extract(m_read, m_of);
    }
    [[nodiscard]] std::uint64_t written() const noexcept { return m_written; }

private:
    OnExtract const& m_on_extract;
    std::int64_t m_of;
    std::mutex m_guard;
    std::uint64_t m_read = 0;
    std::uint64_t m_written = 0;
};

/// Chooses among rows that come one by one, and hands on those chosen, a batch at a time.
class Extraction {
public:
    using Take = std::function<void(TimedFeature&)>;

    Extraction(ExtractRequest const& request, std::vector<geo::Field> const& fields, Told& told,
               Take take)
        : m_request{request}, m_fields{fields}, m_told{told}, m_take{std::move(take)} {
        for (auto const& box : request.boxes) m_windows.emplace_back(box);
        for (std::size_t i = 0; i < fields.size(); ++i)
            if (is_time_field(request.collection.schema, fields[i])) m_time = i;
    }

    /// Whether that was a batch's last.
    bool add(geo::RowView const& row) {
        if (m_some.size() == m_filled) m_some.emplace_back();
        auto& [feature, period] = m_some[m_filled];
        period = m_time ? period_of(row.values[*m_time]) : row.period;
        data::postgis::read_feature(row, feature);
        m_positions += feature.geometry.positions.size();
        ++m_filled;
        if (m_filled < most_rows && m_positions < most_positions) return false;
        hand_on();
        return true;
    }

    /// The rows of the batch that is not full.
    void hand_on() {
        auto const end = m_some.begin() + static_cast<std::ptrdiff_t>(m_filled);
        // Those that lie within come first; rows keep their order.
        auto const within =
            std::stable_partition(m_some.begin(), end, [&](auto& row) { return lies_within(row); });
        std::span<TimedFeature> const some{m_some.begin(), within};
        std::vector<Answer> answers(some.size(), Answer::yes);
        if (m_request.filter && !some.empty()) {
            RowColumns const columns{some, m_fields};
            geo::filter::Evaluation{*m_request.filter, columns, some.size()}.range(0, answers);
        }
        std::size_t written = 0;
        for (std::size_t i = 0; i < some.size(); ++i)
            if (answers[i] == Answer::yes) {
                m_take(some[i]);
                ++written;
            }
        auto const read = std::exchange(m_filled, 0);
        m_positions = 0;
        m_told.add(read, written);
    }

private:
    static constexpr std::size_t most_rows = 2048;
    static constexpr std::size_t most_positions = 200'000;

    /// Whether the row lies where and when rows are asked for.
    [[nodiscard]] bool lies_within(TimedFeature const& row) const {
        if (m_request.period && !row.period.meets(*m_request.period)) return false;
        if (m_windows.empty()) return true;
        auto const& geometry = row.feature.geometry;
        return !geometry.empty() && std::ranges::any_of(m_windows, [&](Window const& window) {
            return window.meets(geometry);
        });
    }

    ExtractRequest const& m_request;
    std::vector<geo::Field> const& m_fields;
    Told& m_told;
    Take m_take;
    std::vector<Window> m_windows;
    std::optional<std::size_t> m_time;
    std::vector<TimedFeature> m_some; // the first `m_filled` of them
    std::size_t m_filled = 0;
    std::size_t m_positions = 0;
};

using Rows = data::postgis::CopyOut;

/// A feature as a file has it.
void present(ExtractRequest const& request, bool single, geo::Feature& feature) {
    if (single && feature.geometry.positions.size() > 1) throw Several{};
    request.shown.apply(feature);
    if (request.file.extension() == ".fgb" && feature.geometry.empty())
        throw geo::Error{geo::Code::bad_input,
                         "form-without-geometry",
                         {{"parameter", "format"},
                          {"value", "fgb"},
                          {"accepted", "geojson, jsonfg, csv, gpkg, xlsx"}}};
}

/// All rows, one behind the other.
void extract_plainly(Rows const& rows, ExtractRequest const& request, bool single, Told& told,
                     ExtractWriter& writer) {
    Extraction extraction{request, rows.fields(), told, [&](TimedFeature& row) {
                              present(request, single, row.feature);
                              writer.append(row.feature);
                          }};
    rows.read(0, 1, [&](geo::RowView const& row) { extraction.add(row); });
    extraction.hand_on();
}

/// Parts of the table at once, their texts in the table's order.
void extract_in_parts(Rows const& rows, ExtractRequest const& request, bool single, Told& told,
                      TextWriter& writer) {
    constexpr std::uint64_t blocks_a_part = 512; // of parcels, 4 MiB are some 9 MB of GeoJSON
    auto const parts = static_cast<unsigned>(rows.blocks() / blocks_a_part + 1);
    InTurn in_turn{writer};
    std::atomic<unsigned> next{0};
    auto const read_parts = [&](std::size_t) {
        std::string text;
        Extraction extraction{request, rows.fields(), told, [&](TimedFeature& row) {
                                  present(request, single, row.feature);
                                  writer.make(text, row.feature);
                              }};
        data::postgis::CopyReader reader{rows};
        for (unsigned part = next++; part < parts; part = next++) {
            reader.read(part, parts, [&](geo::RowView const& row) {
                if (extraction.add(row)) in_turn.give(part, text, false);
            });
            extraction.hand_on();
            in_turn.give(part, text, true);
        }
    };
    auto const threads = std::min(request.threads, parts);
    geo::in_parallel(threads, threads, [&](std::size_t thread) {
        try {
            read_parts(thread);
        } catch (...) {
            next = parts;
            in_turn.give_up();
            throw;
        }
    });
}

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

std::uint64_t chosen_features(std::string const& uri, ExtractRequest const& request,
                              OnFeature const& on_feature, OnExtract const& on_extract) {
    Rows const rows{uri, request.collection, data::postgis::Fields::impersonal, request.policy};
    Told told{on_extract, rows.estimated_rows()};
    Extraction extraction{request, rows.fields(), told,
                          [&](TimedFeature& row) { on_feature(row.feature, row.period); }};
    rows.read(0, 1, [&](geo::RowView const& row) { extraction.add(row); });
    extraction.hand_on();
    return told.written();
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
        Told told{on_extract, rows.estimated_rows()};
        try {
            if (auto* const text = dynamic_cast<TextWriter*>(writer.get()))
                extract_in_parts(rows, request, single, told, *text);
            else
                extract_plainly(rows, request, single, told, *writer);
        } catch (Several const&) {
            continue;
        }
        writer->finish();
        return told.written();
    }
    return 0;
}

} // namespace diaban::services::domain
