#pragma once

#include "geo/geometry.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace diaban::services::print {

/// What an extract of the cadastral map shows; all of it decided, nothing left to the drawing.
///
/// CRS      `parcel` and `neighbours` are in one plane, metres, easting first.
struct ParcelExtract {
    struct Neighbour {
        geo::Geometry outline;
        std::string label; ///< number and use
    };
    std::string title;
    std::vector<std::pair<std::string, std::string>> facts; ///< what and how much, in order
    geo::Geometry parcel;
    std::string label; ///< number and use, drawn in the parcel
    std::vector<Neighbour> neighbours;
    std::string corner_title, north_title, east_title, edge_title; ///< of the table of corners
    std::string scale_title;                                       ///< in front of 1:500
    std::string north_word;
    std::string code;               ///< verifies the paper
    std::vector<std::string> notes; ///< at the foot: source, date, where the code is checked
};

/// The extract as a PDF of one page A4: vectors and text, nothing rasterised; text can be searched.
///
/// Scale    the largest of 1:100, 200, 500, 1000, … at which the parcel fills no more than the
/// frame. Corners  numbered along the exterior from its first position; edges carry their planar
/// length
///          to a centimetre, and stand in the table with northing and easting to a millimetre. What
///          the table has no room for (beyond 24 corners) is said there, with the number of all.
/// Fonts    Noto Sans, else what fontconfig has for Vietnamese.
/// Throws   Error{internal} if cairo cannot write.
[[nodiscard]] std::string extract_pdf(ParcelExtract const& extract);

} // namespace diaban::services::print
