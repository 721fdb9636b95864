#include "tests/services/cadastre_files.hpp"

#include "geo/cadastre/old_letters.hpp"
#include "tests/services/intake_files.hpp"

#include <fmt/format.h>
#include <gdal_priv.h>
#include <ogrsf_frmts.h>

#include <fstream>
#include <memory>

namespace diaban::tests {

namespace fs = std::filesystem;

std::vector<PlainParcel> plain_sheet() {
    std::vector<PlainParcel> parcels;
    for (int row = 0; row < 4; ++row)
        for (int column = 0; column < 5; ++column) {
            double const x = 542600 + column * 21.8;
            double const y = 2028900 + row * 28.5;
            bool const road = row == 3;
            parcels.push_back(
                {row * 5 + column + 1,
                 road ? "DGT" : "ONT",
                 "621,3",
                 column % 2 == 0 ? "Nguyễn Đức Thưởng" : "Trần Thị Hồng Bình",
                 {{x, y}, {x + 21.8, y}, {x + 21.8, y + 28.5}, {x, y + 28.5}, {x, y}}});
            for (auto& p : parcels.back().ring)
                p = {std::round(p.x * 1000) / 1000, std::round(p.y * 1000) / 1000};
        }
    return parcels;
}

void make_commune(Database const& database) {
    database.sql("INSERT INTO record.places (code, level, kind, name, full_name, valid_from, geom) "
                 "VALUES ('18801', 'commune', 'xa', 'Thạch Hội', 'Xã Thạch Hội', "
                 "'2020-01-01T00:00:00+07:00', ST_MakeEnvelope(105.890, 18.340, 105.925, 18.360, "
                 "4326))");
}

fs::path as_geopackage(fs::path const& folder, std::vector<PlainParcel> const& parcels) {
    std::vector<std::string> features;
    for (auto const& parcel : parcels) {
        std::string ring;
        for (auto const& p : parcel.ring)
            ring += fmt::format("{}[{:.3f},{:.3f}]", ring.empty() ? "" : ",", p.x, p.y);
        features.push_back(
            feature(fmt::format(R"({{"type":"Polygon","coordinates":[[{}]]}})", ring),
                    fmt::format(R"({{"so_thua":{},"loai":"{}","dtpl":"{}","chu":"{}"}})",
                                parcel.number, parcel.land_use, parcel.legal_area, parcel.holder)));
    }
    auto const plain = write(folder / "sheet.geojson", geojson(features));
    return translate(plain, folder / "sheet.gpkg", {"-a_srs", "EPSG:9209", "-f", "GPKG"});
}

std::string in_tcvn3(std::string_view text) {
    std::string bytes;
    while (!text.empty()) {
        auto const* const letter =
            std::ranges::find_if(geo::cadastre::tcvn3_letters,
                                 [&](auto const& one) { return text.starts_with(one.letter); });
        if (letter == std::end(geo::cadastre::tcvn3_letters)) {
            bytes += text.front();
            text.remove_prefix(1);
        } else {
            bytes += static_cast<char>(letter->byte);
            text.remove_prefix(letter->letter.size());
        }
    }
    return bytes;
}

namespace {

/// Texts of a parcel with the layer of each, placed inside it.
std::vector<std::pair<std::string, std::string>> texts_of(PlainParcel const& parcel) {
    return {{"SOTHUA", std::to_string(parcel.number)},
            {"LOAIDAT", parcel.land_use},
            {"DIENTICH", parcel.legal_area},
            {"CHU", in_tcvn3(parcel.holder)}};
}

} // namespace

fs::path as_dxf(fs::path const& folder, std::vector<PlainParcel> const& parcels) {
    std::string out =
        "0\nSECTION\n2\nHEADER\n9\n$ACADVER\n1\nAC1015\n9\n$DWGCODEPAGE\n3\nANSI_1252\n"
        "0\nENDSEC\n0\nSECTION\n2\nENTITIES\n";
    for (auto const& parcel : parcels) {
        out += fmt::format("0\nLWPOLYLINE\n8\nRANHTHUA\n90\n{}\n70\n1\n", parcel.ring.size() - 1);
        for (std::size_t i = 0; i + 1 < parcel.ring.size(); ++i)
            out += fmt::format("10\n{:.3f}\n20\n{:.3f}\n", parcel.ring[i].x, parcel.ring[i].y);
        double up = 5;
        for (auto const& [layer, text] : texts_of(parcel))
            out += fmt::format("0\nTEXT\n8\n{}\n10\n{:.3f}\n20\n{:.3f}\n40\n1.0\n1\n{}\n", layer,
                               parcel.ring[0].x + 4, parcel.ring[0].y + (up += 3), text);
    }
    return write(folder / "sheet.dxf", out + "0\nENDSEC\n0\nEOF\n");
}

fs::path as_dgn(fs::path const& folder, std::vector<PlainParcel> const& parcels) {
    GDALAllRegister();
    auto const file = folder / "sheet.dgn";
    auto* const driver = GetGDALDriverManager()->GetDriverByName("DGN");
    char const* const options[] = {
        "MASTER_UNIT_NAME=m",  "SUB_UNIT_NAME=mm",          "SUB_UNITS_PER_MASTER_UNIT=1000",
        "UOR_PER_SUB_UNIT=10", "ORIGIN=-542000,-2028000,0", nullptr};
    std::unique_ptr<GDALDataset> const set{
        driver->Create(file.c_str(), 0, 0, 0, GDT_Unknown, const_cast<char**>(options))};
    auto* const layer = set->CreateLayer("elements");
    auto const add = [&](OGRGeometry& shape, int level, char const* style) {
        std::unique_ptr<OGRFeature> const element{OGRFeature::CreateFeature(layer->GetLayerDefn())};
        element->SetField("Level", level);
        element->SetGeometry(&shape);
        if (style != nullptr) element->SetStyleString(style);
        if (layer->CreateFeature(element.get()) != OGRERR_NONE)
            throw std::runtime_error{CPLGetLastErrorMsg()};
    };
    for (auto const& parcel : parcels) {
        OGRLineString ring;
        for (auto const& p : parcel.ring) ring.addPoint(p.x, p.y);
        add(ring, 10, nullptr);
        double up = 5;
        int level = 11;
        for (auto const& [_, text] : texts_of(parcel)) {
            OGRPoint at{parcel.ring[0].x + 4, parcel.ring[0].y + (up += 3)};
            add(at, level++, fmt::format("LABEL(t:\"{}\",s:1g)", text).c_str());
        }
    }
    return file;
}

fs::path manifest(fs::path const& folder, fs::path const& file, std::string const& more, int number,
                  std::string const& crs) {
    bool const dgn = file.extension() == ".dgn";
    auto const columns =
        file.extension() == ".gpkg"
            ? R"(number = "so_thua", land_use = "loai", legal_area = "dtpl", holder = "chu")"
        : dgn
            ? R"(number = "11", land_use = "12", legal_area = "13", holder = "14", boundary = "10")"
            : R"(number = "SOTHUA", land_use = "LOAIDAT", legal_area = "DIENTICH", holder = "CHU", boundary = "RANHTHUA")";
    return write(folder / (file.stem().string() + ".toml"),
                 fmt::format("[[sheet]]\nfile = \"{}\"\ncommune = \"18801\"\nnumber = {}\n"
                             "crs = \"{}\"\nscale = 1000\ndate = 2021-05-01\n"
                             "columns = {{ {} }}\n{}\n",
                             file.filename().string(), number, crs, columns, more));
}

} // namespace diaban::tests
