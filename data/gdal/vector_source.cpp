#include "data/gdal/vector_source.hpp"

#include "data/gdal/archive.hpp"
#include "data/gdal/readers.hpp"
#include "data/gdal/session.hpp"
#include "data/gdal/source_crs.hpp"
#include "geo/error.hpp"

#include <cpl_conv.h>
#include <cpl_string.h>
#include <gdal_priv.h>
#include <ogrsf_frmts.h>

#include <algorithm>
#include <array>
#include <functional>
#include <string_view>

namespace diaban::data::gdal {

using geo::Code;
using geo::Error;

struct VectorSource::State {
    std::string file;
    SourceOptions options;
    std::vector<std::string> remarks;
    GDALDatasetUniquePtr dataset;
    OGRLayer* layer = nullptr;
    bool layer_is_result = false; // of ExecuteSQL: to be given back
    SourceLayer description;
    std::string driver;
    Reading reading;
    std::unique_ptr<Reader> reader;
    bool ended = false;

    ~State() {
        Session const session{remarks};
        reader.reset();
        if (layer_is_result) dataset->ReleaseResultSet(layer);
        dataset.reset();
    }
};

namespace {

/// The drivers that read files and nothing but files: none that follows links to servers.
constexpr std::array<char const*, 21> file_drivers = {
    "FlatGeobuf",   "GPKG",       "ESRI Shapefile",
    "GeoJSON",      "GeoJSONSeq", "TopoJSON",
    "LIBKML",       "KML",        "CSV",
    "XLSX",         "XLS",        "ODS",
    "DXF",          "DGN",        "OSM",
    "GPX",          "GML",        "JML",
    "MapInfo File", "VDV",        nullptr};

Error unreadable(std::string const& file, std::string const& reason) {
    return Error{Code::bad_input,
                 "unreadable-file",
                 {{"file", file}, {"reason", reason.empty() ? "of no known format" : reason}}};
}

/// While it lives, a DXF's text comes as its bytes are.
class RawDxf {
public:
    explicit RawDxf(bool wanted) : m_wanted{wanted} {
        if (m_wanted) CPLSetThreadLocalConfigOption("DXF_ENCODING", "UTF-8");
    }
    RawDxf(RawDxf const&) = delete;
    RawDxf& operator=(RawDxf const&) = delete;
    ~RawDxf() {
        if (m_wanted) CPLSetThreadLocalConfigOption("DXF_ENCODING", nullptr);
    }

private:
    bool m_wanted;
};

/// `raw`: text is to come as its bytes are, for us to turn into UTF-8.
GDALDatasetUniquePtr open_dataset(std::string const& file, std::string const& name, bool raw,
                                  Session& session) {
    auto* const driver =
        GDALIdentifyDriverEx(name.c_str(), GDAL_OF_VECTOR, file_drivers.data(), nullptr);
    std::string_view const kind = driver == nullptr ? "" : GDALGetDriverShortName(driver);
    CPLStringList options;
    if (kind == "CSV") options.SetNameValue("HEADERS", "YES"); // as the first row of a sheet
    if (kind == "ESRI Shapefile" && raw) options.SetNameValue("ENCODING", "");
    RawDxf const raw_dxf{raw};
    GDALDatasetUniquePtr dataset{GDALDataset::Open(name.c_str(), GDAL_OF_VECTOR | GDAL_OF_READONLY,
                                                   file_drivers.data(), options.List())};
    if (!dataset) throw unreadable(file, session.failure());
    return dataset;
}

/// Whether a DXF says near its start that its text is Windows-1258.
bool says_1258(std::string const& name) {
    auto* const file = VSIFOpenL(name.c_str(), "rb");
    if (file == nullptr) return false;
    std::string start(std::size_t{16} * 1024, '\0');
    start.resize(VSIFReadL(start.data(), 1, start.size(), file));
    VSIFCloseL(file);
    return start.find("ANSI_1258") != std::string::npos;
}

/// The encoding a file says it has, where GDAL would lose letters by it: see feature_reader.
std::string lossy_encoding(GDALDataset& dataset, std::string const& name) {
    if (dataset.GetLayerCount() == 0) return {};
    if (std::string_view{dataset.GetDriverName()} == "DXF") return says_1258(name) ? "CP1258" : "";
    char const* said = dataset.GetLayer(0)->GetMetadataItem("SOURCE_ENCODING", "SHAPEFILE");
    std::string const encoding = said == nullptr ? "" : said;
    bool const composed =
        encoding.find("1258") != std::string::npos || encoding.find("TCVN") != std::string::npos;
    return composed ? encoding : std::string{};
}

std::vector<std::string> layer_names(GDALDataset& dataset) {
    std::vector<std::string> names;
    for (auto* layer : dataset.GetLayers()) names.emplace_back(layer->GetName());
    return names;
}

std::string join(std::vector<std::string> const& names) {
    std::string text;
    for (auto const& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

OGRLayer* find_layer(GDALDataset& dataset, std::string const& file, std::string const& name) {
    auto const names = layer_names(dataset);
    if (name.empty()) {
        if (names.size() == 1) return dataset.GetLayer(0);
        if (names.empty()) throw unreadable(file, "no layer in it");
        throw Error{Code::bad_input, "layer-needed", {{"file", file}, {"accepted", join(names)}}};
    }
    if (auto* layer = dataset.GetLayerByName(name.c_str())) return layer;
    throw Error{Code::bad_input,
                "unknown-layer",
                {{"file", file}, {"layer", name}, {"accepted", join(names)}}};
}

std::optional<geo::GeometryKind> kind_of(OGRwkbGeometryType type) {
    auto const flat = OGR_GT_Flatten(OGR_GT_GetLinear(type));
    switch (flat) {
    case wkbPoint:
    case wkbMultiPoint: return geo::GeometryKind::point;
    case wkbLineString:
    case wkbMultiLineString: return geo::GeometryKind::line;
    case wkbPolygon:
    case wkbMultiPolygon:
    case wkbPolyhedralSurface:
    case wkbTIN:
    case wkbTriangle: return geo::GeometryKind::polygon;
    case wkbNone: return geo::GeometryKind::none;
    default: return std::nullopt;
    }
}

SourceField describe(OGRFieldDefn const& field) {
    SourceField result{.name = field.GetNameRef()};
    switch (field.GetType()) {
    case OFTInteger:
        result.type =
            field.GetSubType() == OFSTBoolean ? geo::FieldType::boolean : geo::FieldType::integer;
        break;
    case OFTInteger64: result.type = geo::FieldType::integer; break;
    case OFTReal: result.type = geo::FieldType::number; break;
    case OFTDate: result.type = geo::FieldType::date; break;
    case OFTDateTime: result.type = geo::FieldType::timestamp; break;
    case OFTBinary: result.readable = false; break;
    default: break;
    }
    return result;
}

bool equal_names(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char left, char right) {
        auto const low = [](char c) { return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : int{c}; };
        return low(left) == low(right);
    });
}

template <std::size_t Size>
int first_field(SourceLayer const& layer, std::array<std::string_view, Size> const& names) {
    for (auto const name : names)
        for (std::size_t i = 0; i < layer.fields.size(); ++i)
            if (equal_names(layer.fields[i].name, name)) return static_cast<int>(i);
    return -1;
}

int named_field(SourceLayer const& layer, std::string const& file, std::string const& name) {
    if (name.empty()) return -1;
    int const field = first_field(layer, std::array<std::string_view, 1>{name});
    if (field >= 0) return field;
    std::vector<std::string> names;
    for (auto const& known : layer.fields) names.push_back(known.name);
    throw Error{Code::bad_input,
                "unknown-source-field",
                {{"file", file}, {"field", name}, {"accepted", join(names)}}};
}

constexpr std::array<std::string_view, 8> x_names = {"lon", "long",    "longitude", "lng",
                                                     "x",   "kinh_do", "kinhdo",    "kinh do"};
constexpr std::array<std::string_view, 7> y_names = {"lat",  "latitude", "y",   "vi_do",
                                                     "vido", "vi do",    "lati"};
constexpr std::array<std::string_view, 4> wkt_names = {"wkt", "geom", "geometry", "the_geom"};

/// The columns that carry the geometry of a table.
void find_geometry_columns(SourceLayer& layer, std::string const& file,
                           SourceOptions const& options, Reading& reading) {
    reading.x = named_field(layer, file, options.x);
    reading.y = named_field(layer, file, options.y);
    reading.wkt = named_field(layer, file, options.wkt);
    bool const told = reading.x >= 0 || reading.y >= 0 || reading.wkt >= 0;
    if (!told && !layer.has_geometry && options.find_columns) {
        reading.x = first_field(layer, x_names);
        reading.y = first_field(layer, y_names);
        if (reading.x < 0 || reading.y < 0) reading.wkt = first_field(layer, wkt_names);
    }
    if (reading.x < 0 || reading.y < 0) reading.x = reading.y = -1;
    if (reading.x >= 0) layer.kind = geo::GeometryKind::point;
    if (reading.wkt >= 0) layer.kind = std::nullopt;
    for (int const field : {reading.x, reading.y, reading.wkt})
        if (field >= 0) layer.geometry_fields.push_back(static_cast<std::size_t>(field));
    if (!layer.geometry_fields.empty()) {
        layer.has_geometry = true;
        layer.srid = 0; // whatever the file says is not about these columns
        layer.crs_name.clear();
    }
}

bool is_archived(std::string_view name) {
    return name.starts_with("/vsi");
}

} // namespace

VectorSource VectorSource::open(std::filesystem::path const& file, SourceOptions const& options) {
    auto state = std::make_unique<State>();
    state->file = file.string();
    state->options = options;
    auto const name = gdal_name(file);
    Session session{state->remarks};
    auto& encoding = state->reading.encoding;
    encoding = options.encoding;
    state->dataset = open_dataset(state->file, name, !encoding.empty(), session);
    if (encoding.empty()) encoding = lossy_encoding(*state->dataset, name);
    if (options.encoding.empty() && !encoding.empty())
        state->dataset = open_dataset(state->file, name, true, session);
    auto& dataset = *state->dataset;
    state->driver = dataset.GetDriverName();
    if (options.sql.empty()) {
        state->layer = find_layer(dataset, state->file, options.layer);
    } else {
        state->layer = dataset.ExecuteSQL(options.sql.c_str(), nullptr, "SQLite");
        state->layer_is_result = state->layer != nullptr;
        if (state->layer == nullptr)
            throw Error{Code::bad_input,
                        "bad-condition",
                        {{"sql", options.sql}, {"reason", session.failure()}}};
    }
    auto& layer = *state->layer;
    if (!options.where.empty() && layer.SetAttributeFilter(options.where.c_str()) != OGRERR_NONE)
        throw Error{Code::bad_input,
                    "bad-condition",
                    {{"where", options.where}, {"reason", session.failure()}}};
    state->reading.dataset = &dataset;
    state->reading.layer = &layer;
    state->reading.interleaved = state->driver == "OSM" && options.sql.empty();
    if (state->reading.interleaved) {
        auto const interest = "SET interest_layers = " + std::string{layer.GetName()};
        dataset.ExecuteSQL(interest.c_str(), nullptr, nullptr);
    }
    auto& description = state->description;
    auto& definition = *layer.GetLayerDefn();
    description.name = layer.GetName();
    for (int i = 0; i < definition.GetFieldCount(); ++i)
        description.fields.push_back(describe(*definition.GetFieldDefn(i)));
    description.has_geometry = definition.GetGeomFieldCount() > 0;
    description.kind = kind_of(definition.GetGeomType());
    auto const crs = source_crs(layer.GetSpatialRef());
    description.srid = crs.srid;
    description.crs_name = crs.name;
    state->reading.swap_axes = crs.swap_axes;
    description.typed = state->driver != "CSV";
    if (!is_archived(name) && layer.TestCapability(OLCFastFeatureCount))
        description.count = layer.GetFeatureCount();
    else if (options.where.empty() && options.sql.empty() && state->driver == "FlatGeobuf")
        description.count = layer.GetFeatureCount(); // written in its header
    find_geometry_columns(description, state->file, options, state->reading);
    if (!session.failure().empty()) throw unreadable(state->file, session.failure());
    return VectorSource{std::move(state)};
}

std::vector<std::string> VectorSource::layers(std::filesystem::path const& file) {
    std::vector<std::string> remarks;
    auto const name = gdal_name(file);
    Session session{remarks};
    return layer_names(*open_dataset(file.string(), name, false, session));
}

VectorSource::VectorSource(std::unique_ptr<State> state) : m_state{std::move(state)} {}
VectorSource::VectorSource(VectorSource&&) noexcept = default;
VectorSource& VectorSource::operator=(VectorSource&&) noexcept = default;
VectorSource::~VectorSource() = default;

SourceLayer const& VectorSource::layer() const noexcept {
    return m_state->description;
}
std::string const& VectorSource::driver() const noexcept {
    return m_state->driver;
}
std::vector<std::string> const& VectorSource::remarks() const noexcept {
    return m_state->remarks;
}

void VectorSource::select(std::span<std::size_t const> fields) {
    auto& reading = m_state->reading;
    reading.fields.clear();
    for (auto const field : fields) reading.fields.push_back(static_cast<int>(field));
    // A condition may look at any field, and interleaved layers are read together: leave them be.
    if (m_state->options.where.empty() && !reading.interleaved &&
        m_state->layer->TestCapability(OLCIgnoreFields)) {
        CPLStringList ignored;
        for (std::size_t i = 0; i < m_state->description.fields.size(); ++i) {
            auto const field = static_cast<int>(i);
            bool const wanted = std::ranges::find(reading.fields, field) != reading.fields.end() ||
                                field == reading.x || field == reading.y || field == reading.wkt;
            if (!wanted) ignored.AddString(m_state->description.fields[i].name.c_str());
        }
        Session const session{m_state->remarks};
        m_state->layer->SetIgnoredFields(const_cast<char const**>(ignored.List()));
    }
    rewind();
}

void VectorSource::rewind() {
    Session const session{m_state->remarks};
    m_state->reader.reset();
    m_state->ended = false;
    if (m_state->reading.interleaved)
        m_state->dataset->ResetReading();
    else
        m_state->layer->ResetReading();
}

bool VectorSource::read(RowBatch& into) {
    auto& state = *m_state;
    Session const session{state.remarks};
    if (state.ended) {
        into.clear();
        return false;
    }
    if (!state.reader) {
        bool const whole = state.options.where.empty() && state.options.sql.empty();
        if (whole) state.reader = arrow_reader(state.reading);
        if (!state.reader) state.reader = feature_reader(state.reading);
    }
    state.ended = !state.reader->read(into);
    if (!session.failure().empty()) throw unreadable(state.file, session.failure());
    return !state.ended;
}

} // namespace diaban::data::gdal
