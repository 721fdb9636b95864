#pragma once

#include "geo/geometry.hpp"

#include <cairo.h>
#include <pango/pango-layout.h>

#include <cstdint>
#include <memory>
#include <string>

namespace diaban::services::print {

// Lengths on paper are points; y grows downwards.
inline constexpr double millimetre = 72 / 25.4;
inline constexpr double page_width = 210 * millimetre; // A4
inline constexpr double page_height = 297 * millimetre;
inline constexpr double margin = 15 * millimetre;

enum class Anchor : std::uint8_t { left, middle, right };

/// The page that is being drawn of a PDF. Fonts: Noto Sans, else what fontconfig has for
/// Vietnamese.
class Page {
public:
    /// `bytes` takes the file, and outlives the page.
    explicit Page(std::string& bytes);

    [[nodiscard]] cairo_t* pen() const noexcept { return m_pen.get(); }

    /// Draws text; `at` is the middle of its height. Gives its width.
    double text(std::string const& words, geo::Position at, double size,
                Anchor anchor = Anchor::left, bool bold = false, double turned = 0) const;
    void line(geo::Position a, geo::Position b, double width) const;
    /// A scale's bar in two fields, `length` long from `at`, with 0 and `words` below its ends.
    void bar(geo::Position at, double length, std::string const& words, double size) const;
    /// The next page; this one is done.
    void turn() const;
    /// Throws   Error{internal} if cairo cannot write.
    void finish() const;

private:
    struct SurfaceEnd {
        void operator()(cairo_surface_t* surface) const noexcept { cairo_surface_destroy(surface); }
    };
    struct PenEnd {
        void operator()(cairo_t* pen) const noexcept { cairo_destroy(pen); }
    };

    std::unique_ptr<cairo_surface_t, SurfaceEnd> m_surface;
    std::unique_ptr<cairo_t, PenEnd> m_pen;
};

/// What a scale's bar stands for: the first of `least` times 1, 2, 5, 10, 20, … that is two fifths
/// of `most` or more; below `most` where `least` is.
[[nodiscard]] double round_length(double least, double most);

/// Words laid out on a page: in one line, or broken into lines of a width.
class Words {
public:
    /// `markup`  Pango's; `width` 0: one line.
    Words(Page const& page, std::string const& markup, double size, double width = 0);

    [[nodiscard]] double width() const;
    [[nodiscard]] double height() const;
    /// `at` is the top of the side that `anchor` says.
    void draw(geo::Position at, Anchor anchor = Anchor::left) const;
    /// The same on a white edge, to be read on a map.
    void draw_with_halo(geo::Position at, Anchor anchor = Anchor::left) const;

private:
    struct LayoutEnd {
        void operator()(PangoLayout* layout) const noexcept;
    };
    [[nodiscard]] double left_of(geo::Position at, Anchor anchor) const;

    Page const& m_page;
    std::unique_ptr<PangoLayout, LayoutEnd> m_layout;
};

/// Text as Pango's markup that shows just that.
[[nodiscard]] std::string markup_of(std::string const& text, bool bold = false);

} // namespace diaban::services::print
