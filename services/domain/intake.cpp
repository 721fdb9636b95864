#include "services/domain/intake.hpp"

#include "data/gdal/read_ahead.hpp"
#include "data/postgis/collections.hpp"
#include "data/postgis/pool.hpp"
#include "geo/error.hpp"
#include "services/domain/intake_create.hpp"
#include "services/domain/intake_row.hpp"
#include "services/domain/intake_shape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace diaban::services::domain {
namespace {

using data::gdal::RowBatch;
using data::gdal::VectorSource;
using data::model::Collection;
using data::postgis::Collections;
using data::postgis::Import;
using geo::Code;
using geo::Error;

std::optional<Collection> find_collection(Collections const& collections,
                                          ImportRequest const& request) {
    auto found = collections.find(request.collection);
    if (found || request.create) return found;
    std::string known;
    for (auto const& one : collections.list()) known += (known.empty() ? "" : ", ") + one.schema.id;
    throw Error{Code::not_found,
                "unknown-target-collection",
                {{"collection", request.collection}, {"accepted", known}}};
}

/// What the coordinates of `layer` are in; 0 when the collection takes none.
int srid_of(data::gdal::SourceLayer const& layer, ImportRequest const& request) {
    if (request.srid) return *request.srid;
    auto const file = request.file.filename().string();
    if (layer.srid == 0) throw Error{Code::bad_input, "missing-crs", {{"file", file}}};
    if (layer.srid < 0)
        throw Error{Code::bad_input, "unidentified-crs", {{"file", file}, {"crs", layer.crs_name}}};
    return layer.srid;
}

/// Drivers that turn text into UTF-8 by what the file says of its encoding.
bool may_misread(std::string const& driver, ImportRequest const& request) {
    return request.source.encoding.empty() &&
           (driver == "ESRI Shapefile" || driver == "DXF" || driver == "MapInfo File");
}

/// One import under way: takes batches, hands rows on.
class Intake {
public:
    Intake(std::string const& uri, Collection const& collection, VectorSource& source,
           ImportRequest const& request, ImportSummary& summary)
        : m_summary{summary}, m_binder{collection.schema, source.layer(), request,
                                       may_misread(source.driver(), request)},
          m_sensitivity{request.sensitivity}, m_takes_geometry{collection.schema.geometry !=
                                                               geo::GeometryKind::none} {
        if (m_takes_geometry && source.layer().has_geometry) {
            m_srid = srid_of(source.layer(), request);
            m_shape.emplace(collection.schema.geometry, m_srid, collection.keeps_source);
        }
        summary.srid = m_srid;
        summary.unused = m_binder.unused();
        source.select(m_binder.selection());
        data::postgis::ImportOptions options;
        options.mode = request.mode;
        options.key = request.key;
        options.fields = m_binder.spoken();
        options.create = summary.created;
        options.source = request.file.filename().string();
        m_import.emplace(uri, collection, std::move(options));
    }

    void take(RowBatch const& batch) {
        for (std::size_t i = 0; i < batch.size(); ++i) take(batch.row(i), batch.values(i));
    }

    void finish() {
        auto const result = m_import->finish(m_summary.repaired);
        m_summary.written = result.written;
        m_summary.inserted = result.inserted;
        m_summary.updated = result.updated;
        m_summary.unchanged = result.unchanged;
        m_summary.deleted = result.deleted;
        if (m_summary.read != m_summary.written + m_summary.faulty)
            throw Error{Code::internal, "internal", {}, "an import does not balance"};
    }

private:
    void take(RowBatch::Row const& row, std::span<geo::ValueView const> from) {
        ++m_summary.read;
        auto const bound = m_binder.bind(from, row.number);
        if (!bound.fault.empty()) return fault(row, from, bound.fault, bound.detail);
        data::postgis::ImportRow out;
        bool repaired = false;
        if (m_shape) {
            if (!row.fault.empty()) return fault(row, from, row.fault, {});
            auto const shape = m_shape->read(row.wkb, row.number);
            if (!shape.fault.empty()) return fault(row, from, shape.fault, {});
            out.ewkb = m_shape->ewkb();
            out.source_ewkb = m_shape->source_ewkb();
            out.source_srid = shape.located ? m_srid : 0;
            repaired = shape.repaired;
            m_summary.split += shape.split ? 1U : 0U;
        }
        out.scope = bound.scope;
        out.sensitivity = m_sensitivity;
        out.valid_from = bound.valid_from;
        out.valid_to = bound.valid_to;
        out.values = bound.values;
        m_import->append(out);
        m_summary.repaired += repaired ? 1U : 0U;
        m_summary.unlocated += m_takes_geometry && out.ewkb.empty() ? 1U : 0U;
    }

    void fault(RowBatch::Row const& row, std::span<geo::ValueView const> from,
               std::string_view reason, std::string_view detail) {
        ++m_summary.faulty;
        ++m_summary.faults[std::string{reason}];
        m_import->fault({.row = m_summary.read,
                         .reason = std::string{reason},
                         .detail = std::string{detail},
                         .original_wkb = {row.wkb.begin(), row.wkb.end()},
                         .original_json = m_binder.as_json(from)});
    }

    ImportSummary& m_summary;
    RowBinder m_binder;
    std::optional<ShapeReader> m_shape; // none: the collection or the file has no geometry
    int m_srid = 0;
    std::optional<std::uint8_t> m_sensitivity;
    bool m_takes_geometry;
    std::optional<Import> m_import;
};

} // namespace

std::string one_line(ImportSummary const& summary) {
    auto line = fmt::format("{} → {}: {} read, {} written, {} repaired, {} faulty", summary.file,
                            summary.collection, summary.read, summary.written, summary.repaired,
                            summary.faulty);
    auto const add = [&](std::uint64_t count, std::string_view what) {
        if (count > 0) line += fmt::format(", {} {}", count, what);
    };
    add(summary.unlocated, "without geometry");
    add(summary.split, "split at 180°");
    bool const merged = summary.updated + summary.unchanged + summary.deleted > 0;
    if (merged) {
        line += fmt::format("; {} new", summary.inserted);
        add(summary.updated, "changed");
        add(summary.unchanged, "unchanged");
        add(summary.deleted, "deleted");
    }
    auto const rate = summary.seconds > 0 ? static_cast<double>(summary.read) / summary.seconds : 0;
    return line + fmt::format("; {:.1f} s, {:.0f} rows/s", summary.seconds, rate);
}

ImportSummary import_file(std::string const& uri, ImportRequest const& asked,
                          OnProgress const& on_progress) {
    auto const start = std::chrono::steady_clock::now();
    auto request = asked;
    ImportSummary summary;
    summary.file = request.file.filename().string();
    summary.collection = request.collection;

    data::postgis::Pool pool{data::postgis::for_long_work(uri)};
    Collections collections{pool};
    auto collection = find_collection(collections, request);
    bool const wants_geometry =
        !collection || collection->schema.geometry != geo::GeometryKind::none;
    request.source.find_columns = wants_geometry;
    auto source = VectorSource::open(request.file, request.source);
    if (!collection) {
        collection = collection_of(source, request);
        if (collection->schema.geometry != geo::GeometryKind::none)
            collection->source_srid = srid_of(source.layer(), request);
        summary.created = true;
    }

    Intake intake{uri, *collection, source, request, summary};
    {
        data::gdal::ReadAhead ahead{source};
        while (auto const* batch = ahead.next()) {
            intake.take(*batch);
            if (on_progress) on_progress(summary.read, source.layer().count);
        }
    }
    if (on_progress) on_progress(summary.read, static_cast<std::int64_t>(summary.read));
    intake.finish();
    summary.remarks = source.remarks();
    summary.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return summary;
}

} // namespace diaban::services::domain
