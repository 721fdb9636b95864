#include "tests/services/intake_files.hpp"

#include "data/gdal/archive.hpp"

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <gdal_priv.h>
#include <gdal_utils.h>
#include <ogrsf_frmts.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>

namespace diaban::tests {
namespace {

namespace fs = std::filesystem;

void need(bool done, std::string const& what) {
    if (!done) throw std::runtime_error{what + ": " + CPLGetLastErrorMsg()};
}

void write_packed(std::string const& name, std::string const& bytes) {
    auto* out = VSIFOpenL(name.c_str(), "wb");
    need(out != nullptr, name);
    need(VSIFWriteL(bytes.data(), 1, bytes.size(), out) == bytes.size(), name);
    need(VSIFCloseL(out) == 0, name);
}

} // namespace

Folder::Folder() {
    auto pattern = (fs::temp_directory_path() / "diaban-intake-XXXXXX").string();
    need(mkdtemp(pattern.data()) != nullptr, "no temporary folder");
    m_path = pattern;
}

Folder::~Folder() {
    std::error_code none;
    fs::remove_all(m_path, none);
}

std::string parameter(geo::Error const& error, std::string_view name) {
    for (auto const& [key, value] : error.parameters())
        if (key == name) return value;
    return {};
}

fs::path write(fs::path const& file, std::string_view text) {
    std::ofstream{file, std::ios::binary} << text;
    return file;
}

void replace(fs::path const& file, std::string_view from, std::string_view to) {
    auto bytes = read(file);
    for (auto at = bytes.find(from); at != std::string::npos; at = bytes.find(from, at + to.size()))
        bytes.replace(at, from.size(), to);
    write(file, bytes);
}

std::string read(fs::path const& file) {
    std::ifstream in{file, std::ios::binary};
    std::ostringstream all;
    all << in.rdbuf();
    return all.str();
}

std::string geojson(std::vector<std::string> const& features) {
    std::ostringstream text;
    text << R"({"type":"FeatureCollection","features":[)";
    for (std::size_t i = 0; i < features.size(); ++i) text << (i > 0 ? ",\n" : "\n") << features[i];
    text << "\n]}\n";
    return text.str();
}

std::string feature(std::string_view geometry, std::string_view properties) {
    return std::string{R"({"type":"Feature","geometry":)"} + std::string{geometry} +
           R"(,"properties":)" + std::string{properties} + "}";
}

fs::path translate(fs::path const& from, fs::path const& to,
                   std::vector<std::string> const& arguments) {
    GDALAllRegister();
    GDALDatasetUniquePtr source{GDALDataset::Open(from.c_str(), GDAL_OF_VECTOR)};
    need(source != nullptr, from.string());
    CPLStringList list;
    for (auto const& argument : arguments) list.AddString(argument.c_str());
    std::unique_ptr<GDALVectorTranslateOptions, decltype(&GDALVectorTranslateOptionsFree)> const
        options{GDALVectorTranslateOptionsNew(list.List(), nullptr),
                &GDALVectorTranslateOptionsFree};
    GDALDatasetH sources[] = {source.get()};
    int misused = 0;
    CPLErrorHandlerPusher const quiet{CPLQuietErrorHandler};
    GDALDatasetUniquePtr const made{GDALDataset::FromHandle(
        GDALVectorTranslate(to.c_str(), nullptr, 1, sources, options.get(), &misused))};
    need(made != nullptr, to.string());
    return to;
}

fs::path zip(fs::path const& to, std::vector<fs::path> const& files) {
    for (auto const& file : files)
        write_packed((fs::path{"/vsizip/" + to.string()} / file.filename()).string(), read(file));
    return to;
}

fs::path gzip(fs::path const& from, fs::path const& to) {
    write_packed("/vsigzip/" + to.string(), read(from));
    return to;
}

std::uint64_t count_rows(fs::path const& file, std::string const& layer, std::string const& where,
                         std::string const& sql) {
    GDALAllRegister();
    GDALDatasetUniquePtr const source{
        GDALDataset::Open(data::gdal::gdal_name(file).c_str(), GDAL_OF_VECTOR)};
    need(source != nullptr, file.string());
    if (!sql.empty()) {
        auto* result = source->ExecuteSQL(sql.c_str(), nullptr, "SQLite");
        need(result != nullptr, sql);
        auto const count = static_cast<std::uint64_t>(result->GetFeatureCount());
        source->ReleaseResultSet(result);
        return count;
    }
    auto* wanted = layer.empty() ? source->GetLayer(0) : source->GetLayerByName(layer.c_str());
    need(wanted != nullptr, layer);
    if (auto const count = wanted->GetFeatureCount(); where.empty() && count < 0) {
        // Rows of an OSM file come with those of its other layers.
        std::uint64_t rows = 0;
        OGRLayer* of = nullptr;
        while (OGRFeatureUniquePtr{source->GetNextFeature(&of, nullptr, nullptr, nullptr)})
            rows += of == wanted ? 1U : 0U;
        return rows;
    }
    if (!where.empty()) need(wanted->SetAttributeFilter(where.c_str()) == OGRERR_NONE, where);
    return static_cast<std::uint64_t>(wanted->GetFeatureCount());
}

fs::path parcels(fs::path const& to, std::size_t rows) {
    GDALAllRegister();
    auto* driver = GetGDALDriverManager()->GetDriverByName("FlatGeobuf");
    GDALDatasetUniquePtr const made{driver->Create(to.c_str(), 0, 0, 0, GDT_Unknown, nullptr)};
    need(made != nullptr, to.string());
    OGRSpatialReference crs;
    crs.importFromEPSG(4326);
    crs.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
    auto* layer = made->CreateLayer("parcels", &crs, wkbPolygon, nullptr);
    need(layer != nullptr, to.string());
    OGRFieldDefn number{"number", OFTInteger};
    OGRFieldDefn code{"code", OFTString};
    OGRFieldDefn area{"area", OFTReal};
    for (auto* field : {&number, &code, &area}) layer->CreateField(field);
    constexpr std::size_t columns = 1000;
    constexpr double step = 0.0004;
    for (std::size_t i = 0; i < rows; ++i) {
        double const x = 105.5 + static_cast<double>(i % columns) * step;
        double const y = 18.0 + static_cast<double>(i / columns) * step;
        OGRLinearRing ring;
        constexpr std::array<std::array<double, 2>, 5> corners = {
            {{0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}}};
        for (std::size_t side = 0; side < 4; ++side)
            for (int quarter = 0; quarter < 4; ++quarter) {
                double const t = quarter / 4.0;
                double const u = corners[side][0] + (corners[side + 1][0] - corners[side][0]) * t;
                double const v = corners[side][1] + (corners[side + 1][1] - corners[side][1]) * t;
                ring.addPoint(x + u * step * 0.9, y + v * step * 0.9);
            }
        ring.closeRings();
        OGRPolygon polygon;
        polygon.addRing(&ring);
        auto row = OGRFeatureUniquePtr{OGRFeature::CreateFeature(layer->GetLayerDefn())};
        row->SetField(0, static_cast<int>(i));
        row->SetField(1, CPLSPrintf("P%zu", i));
        row->SetField(2, polygon.get_Area() * 1e10);
        row->SetGeometry(&polygon);
        need(layer->CreateFeature(row.get()) == OGRERR_NONE, to.string());
    }
    return to;
}

} // namespace diaban::tests
