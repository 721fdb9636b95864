#include "data/gdal/vector_sink.hpp"

#include "data/gdal/session.hpp"
#include "data/gdal/sink_values.hpp"
#include "data/model/unwritable_file.hpp"

#include <ogrsf_frmts.h>

#include <cstddef>
#include <system_error>
#include <utility>

namespace diaban::data::gdal {

namespace {

static_assert(sizeof(OGRRawPoint) == sizeof(geo::Position) && offsetof(OGRRawPoint, y) == 8,
              "GDAL copies positions as they lie");

void set_points(OGRSimpleCurve& curve, std::span<geo::Position const> path) {
    auto const* const points = reinterpret_cast<OGRRawPoint const*>(path.data());
    curve.setPoints(static_cast<int>(path.size()), points);
}

std::unique_ptr<OGRGeometry> line(geo::Geometry const& g) {
    auto result = std::make_unique<OGRLineString>();
    set_points(*result, g.path(0));
    return result;
}

std::unique_ptr<OGRGeometry> polygon(geo::Geometry const& g) {
    auto result = std::make_unique<OGRPolygon>();
    for (std::size_t i = 0; i < g.path_ends.size(); ++i) {
        auto ring = std::make_unique<OGRLinearRing>();
        set_points(*ring, g.path(i));
        result->addRingDirectly(ring.release());
    }
    return result;
}

std::unique_ptr<OGRGeometry> ogr_geometry(geo::Geometry const& g) {
    if (g.empty()) return nullptr;
    switch (g.kind) {
    case geo::GeometryKind::none: return nullptr;
    case geo::GeometryKind::point:
        return std::make_unique<OGRPoint>(g.positions.front().x, g.positions.front().y);
    case geo::GeometryKind::line: return line(g);
    case geo::GeometryKind::polygon: return polygon(g);
    }
    return nullptr;
}

/// The driver does not notice when the disk is full: what was written is counted.
std::uint64_t rows_in(std::filesystem::path const& file) {
    std::unique_ptr<GDALDataset, CloseDataset> const dataset{
        GDALDataset::Open(file.c_str(), GDAL_OF_VECTOR | GDAL_OF_READONLY)};
    if (!dataset || dataset->GetLayerCount() == 0) return 0;
    OGRLayer& layer = *dataset->GetLayer(0);
    if (auto const count = layer.GetFeatureCount(FALSE); count >= 0)
        return static_cast<std::uint64_t>(count);
    std::uint64_t rows = 0;
    for (auto const& feature : layer) rows += feature ? 1 : 0;
    return rows;
}

} // namespace

struct VectorSink::State {
    std::vector<std::string> remarks;
    std::unique_ptr<GDALDataset, CloseDataset> dataset;
    OGRLayer* layer = nullptr;
    std::unique_ptr<OGRFeature> row;
    bool needs_geometry = false;
};

VectorSink::VectorSink(std::filesystem::path file, std::string const& layer, geo::GeometryKind kind,
                       std::vector<SinkField> const& fields, bool multi, int srid)
    : m_file{std::move(file)},
      m_unfinished{m_file}, m_multi{multi}, m_state{std::make_unique<State>()} {
    if (std::filesystem::exists(m_file) && !std::filesystem::is_regular_file(m_file))
        fail("not a plain file");
    bool const geopackage = m_file.extension() == ".gpkg";
    m_unfinished.replace_filename("." + m_file.stem().string() + ".unfinished" +
                                  (geopackage ? ".gpkg" : ".fgb"));
    std::error_code none; // a remainder of a run that was killed
    std::filesystem::remove(m_unfinished, none);
    m_state->needs_geometry = !geopackage && kind != geo::GeometryKind::none;
    Session const session{m_state->remarks};
    GDALDriver* const driver =
        GetGDALDriverManager()->GetDriverByName(geopackage ? "GPKG" : "FlatGeobuf");
    if (driver != nullptr)
        m_state->dataset.reset(driver->Create(m_unfinished.c_str(), 0, 0, 0, GDT_Unknown, nullptr));
    if (!m_state->dataset) fail(session.failure());

    OGRSpatialReference crs;
    if (crs.importFromEPSG(srid) != OGRERR_NONE) fail(session.failure());
    crs.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
    char const* const options[] = {geopackage ? "SPATIAL_INDEX=YES" : "SPATIAL_INDEX=NO", nullptr};
    m_state->layer = m_state->dataset->CreateLayer(layer.c_str(), &crs, layer_type(kind, multi),
                                                   const_cast<char**>(options));
    if (m_state->layer == nullptr) fail(session.failure());
    for (auto const& field : fields) {
        OGRFieldDefn definition{field.name.c_str(), ogr_type(field.type)};
        if (field.type == geo::FieldType::boolean) definition.SetSubType(OFSTBoolean);
        if (m_state->layer->CreateField(&definition) != OGRERR_NONE) fail(session.failure());
    }
    m_state->row.reset(OGRFeature::CreateFeature(m_state->layer->GetLayerDefn()));
    // All rows of a GeoPackage in one transaction: one each would cost a disk flush a row.
    if (geopackage && m_state->dataset->StartTransaction() != OGRERR_NONE) fail(session.failure());
}

VectorSink::~VectorSink() {
    if (!m_state) return;
    Session const session{m_state->remarks};
    m_state->row.reset();
    m_state->dataset.reset();
    std::error_code ignored; // nothing can be said from here
    std::filesystem::remove(m_unfinished, ignored);
}

void VectorSink::append(geo::Geometry const& geometry, std::span<geo::Value const> values) {
    Session const session{m_state->remarks};
    // The driver would pass over it without a word.
    if (geometry.empty() && m_state->needs_geometry)
        fail("a FlatGeobuf holds no row without geometry; a GeoPackage does");
    OGRFeature& row = *m_state->row;
    row.SetFID(OGRNullFID);
    bool const multi = m_multi && !geometry.empty();
    row.SetGeometryDirectly((multi ? multiple(geometry) : ogr_geometry(geometry)).release());
    for (std::size_t i = 0; i < values.size(); ++i)
        std::visit(SetField{row, static_cast<int>(i)}, values[i]);
    if (m_state->layer->CreateFeature(&row) != OGRERR_NONE) fail(session.failure());
    ++m_rows;
}

void VectorSink::finish() {
    {
        Session const session{m_state->remarks};
        m_state->row.reset();
        if (m_state->dataset->TestCapability(ODsCTransactions) &&
            m_state->dataset->CommitTransaction() != OGRERR_NONE)
            fail(session.failure());
        m_state->dataset.reset();
        if (!session.failure().empty()) fail(session.failure());
        if (rows_in(m_unfinished) != m_rows) fail("not all rows reached the disk: is it full?");
    }
    std::error_code error;
    std::filesystem::rename(m_unfinished, m_file, error);
    if (error) fail(error.message());
    m_state.reset();
}

void VectorSink::fail(std::string const& reason) const {
    model::refuse_file(m_file, reason);
}

} // namespace diaban::data::gdal
