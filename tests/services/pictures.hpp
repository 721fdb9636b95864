#pragma once

#include <boost/test/unit_test.hpp>
#include <gdal_priv.h>

#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace diaban::tests {

/// A picture of noise as GDAL writes it.
inline std::string picture(char const* driver, int side, std::mt19937_64& random) {
    GDALAllRegister();
    auto& drivers = *GetGDALDriverManager();
    auto* const plain =
        drivers.GetDriverByName("MEM")->Create("", side, side, 3, GDT_Byte, nullptr);
    std::vector<GByte> cells(std::size_t(side) * std::size_t(side));
    for (int band = 1; band <= 3; ++band) {
        for (auto& cell : cells) cell = GByte(random());
        BOOST_REQUIRE(plain->GetRasterBand(band)->RasterIO(GF_Write, 0, 0, side, side, cells.data(),
                                                           side, side, GDT_Byte, 0, 0,
                                                           nullptr) == CE_None);
    }
    char const name[] = "/vsimem/test-picture";
    GDALClose(
        drivers.GetDriverByName(driver)->CreateCopy(name, plain, 0, nullptr, nullptr, nullptr));
    GDALClose(plain);
    vsi_l_offset size = 0;
    auto* const bytes = VSIGetMemFileBuffer(name, &size, TRUE);
    std::string made{reinterpret_cast<char*>(bytes), std::size_t(size)};
    VSIFree(bytes);
    return made;
}

inline void put_number(std::string& to, std::uint64_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i) to += char(value >> (8 * i));
}

/// One entry of a directory of TIFF, big-endian.
inline void put_entry(std::string& to, int tag, int type, std::uint64_t count, std::string value) {
    put_number(to, std::uint64_t(tag), 2);
    put_number(to, std::uint64_t(type), 2);
    put_number(to, count, 4);
    value.resize(4);
    to += value;
}

inline std::string directory_pointer(std::uint64_t at) {
    std::string text;
    put_number(text, at, 4);
    return text;
}

/// Degrees north and east in ten-thousandths of a second, and the GPS clock, as EXIF 2.3 has them:
/// one directory that points at another.
inline std::string exif(double lon, double lat) {
    auto const thirds = [](double degrees) {
        std::string text;
        auto const whole = int(degrees);
        auto const minutes = int((degrees - whole) * 60);
        auto const seconds = (degrees - whole - minutes / 60.0) * 3600;
        for (auto const& [up, down] :
             {std::pair{std::uint64_t(whole), 1}, std::pair{std::uint64_t(minutes), 1},
              std::pair{std::uint64_t(std::llround(seconds * 10000)), 10000}}) {
            put_number(text, up, 4);
            put_number(text, std::uint64_t(down), 4);
        }
        return text;
    };
    std::string tiff = "MM";
    put_number(tiff, 42, 2);
    put_number(tiff, 8, 4);
    constexpr std::uint64_t gps = 8 + 2 + 12 + 4;
    put_number(tiff, 1, 2);
    put_entry(tiff, 0x8825, 4, 1, directory_pointer(gps));
    put_number(tiff, 0, 4);
    constexpr std::uint64_t values = gps + 2 + 6 * 12 + 4;
    put_number(tiff, 6, 2);
    put_entry(tiff, 1, 2, 2, "N");
    put_entry(tiff, 2, 5, 3, directory_pointer(values));
    put_entry(tiff, 3, 2, 2, "E");
    put_entry(tiff, 4, 5, 3, directory_pointer(values + 24));
    put_entry(tiff, 7, 5, 3, directory_pointer(values + 48));
    put_entry(tiff, 29, 2, 11, directory_pointer(values + 72));
    put_number(tiff, 0, 4);
    tiff += thirds(lat) + thirds(lon);
    for (int const part : {2, 12, 30}) {
        put_number(tiff, std::uint64_t(part), 4);
        put_number(tiff, 1, 4);
    }
    tiff += std::string{"2026:11:27"} + '\0';
    return std::string{"Exif\0\0", 6} + tiff;
}

/// A JPEG that says where it was taken.
inline std::string placed(std::string const& jpeg, double lon, double lat) {
    auto const head = exif(lon, lat);
    std::string made = jpeg.substr(0, 2) + "\xff\xe1";
    put_number(made, head.size() + 2, 2);
    return made + head + jpeg.substr(2);
}

} // namespace diaban::tests
