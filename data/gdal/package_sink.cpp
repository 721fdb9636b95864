#include "data/gdal/package_sink.hpp"

#include "data/gdal/session.hpp"
#include "data/gdal/sink_values.hpp"
#include "data/model/unwritable_file.hpp"

#include <array>
#include <system_error>
#include <utility>

namespace diaban::data::gdal {

struct PackageSink::State {
    std::vector<std::string> remarks;
    std::unique_ptr<GDALDataset, CloseDataset> dataset;
    OGRLayer* layer = nullptr;
    std::unique_ptr<OGRFeature> row;
};

PackageSink::PackageSink(std::filesystem::path file)
    : m_file{std::move(file)}, m_state{std::make_unique<State>()} {
    Session const session{m_state->remarks};
    if (auto* const driver = GetGDALDriverManager()->GetDriverByName("GPKG"); driver != nullptr)
        m_state->dataset.reset(driver->Create(m_file.c_str(), 0, 0, 0, GDT_Unknown, nullptr));
    // All in one transaction: one a row would cost a disk flush each.
    if (!m_state->dataset || m_state->dataset->StartTransaction() != OGRERR_NONE)
        fail(session.failure());
}

PackageSink::~PackageSink() {
    if (!m_state) return;
    Session const session{m_state->remarks};
    m_state->row.reset();
    m_state->dataset.reset();
    std::error_code ignored; // nothing can be said from here
    std::filesystem::remove(m_file, ignored);
}

void PackageSink::begin(std::string const& layer, geo::GeometryKind kind,
                        std::vector<SinkField> const& fields, char const* row_id) {
    Session const session{m_state->remarks};
    OGRSpatialReference crs;
    if (crs.importFromEPSG(4326) != OGRERR_NONE) fail(session.failure());
    crs.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
    auto const id = std::string{"FID="} + row_id;
    std::array<char const*, 2> const options{id.c_str(), nullptr};
    bool const multi = kind != geo::GeometryKind::point;
    m_state->row.reset();
    m_state->layer = m_state->dataset->CreateLayer(
        layer.c_str(), kind == geo::GeometryKind::none ? nullptr : &crs, layer_type(kind, multi),
        const_cast<char**>(options.data()));
    if (m_state->layer == nullptr) fail(session.failure());
    for (auto const& field : fields) {
        OGRFieldDefn definition{field.name.c_str(), ogr_type(field.type)};
        if (field.type == geo::FieldType::boolean) definition.SetSubType(OFSTBoolean);
        if (m_state->layer->CreateField(&definition) != OGRERR_NONE) fail(session.failure());
    }
    m_state->row.reset(OGRFeature::CreateFeature(m_state->layer->GetLayerDefn()));
}

void PackageSink::append(geo::Geometry const& geometry, std::span<geo::Value const> values) {
    Session const session{m_state->remarks};
    OGRFeature& row = *m_state->row;
    row.SetFID(OGRNullFID);
    std::unique_ptr<OGRGeometry> shape;
    if (!geometry.empty() && geometry.kind == geo::GeometryKind::point)
        shape =
            std::make_unique<OGRPoint>(geometry.positions.front().x, geometry.positions.front().y);
    else if (!geometry.empty())
        shape = multiple(geometry);
    row.SetGeometryDirectly(shape.release());
    for (std::size_t i = 0; i < values.size(); ++i)
        std::visit(SetField{row, static_cast<int>(i)}, values[i]);
    if (m_state->layer->CreateFeature(&row) != OGRERR_NONE) fail(session.failure());
}

void PackageSink::finish() {
    Session const session{m_state->remarks};
    m_state->row.reset();
    if (m_state->dataset->CommitTransaction() != OGRERR_NONE) fail(session.failure());
    m_state->dataset.reset();
    if (!session.failure().empty()) fail(session.failure());
    m_state.reset();
}

void PackageSink::fail(std::string const& reason) const {
    model::refuse_file(m_file, reason);
}

} // namespace diaban::data::gdal
