#include "services/print/page.hpp"

#include "geo/error.hpp"

#include <cairo-pdf.h>
#include <pango/pangocairo.h>

#include <algorithm>
#include <cmath>

namespace diaban::services::print {

namespace {

cairo_status_t take_bytes(void* into, unsigned char const* bytes, unsigned count) {
    static_cast<std::string*>(into)->append(reinterpret_cast<char const*>(bytes), count);
    return CAIRO_STATUS_SUCCESS;
}

} // namespace

Page::Page(std::string& bytes)
    : m_surface{cairo_pdf_surface_create_for_stream(take_bytes, &bytes, page_width, page_height)},
      m_pen{cairo_create(m_surface.get())} {}

double Page::text(std::string const& words, geo::Position at, double size, Anchor anchor, bool bold,
                  double turned) const {
    Words const laid{*this, markup_of(words, bold), size};
    cairo_save(pen());
    cairo_translate(pen(), at.x, at.y);
    cairo_rotate(pen(), turned);
    laid.draw({0, -laid.height() / 2}, anchor);
    cairo_restore(pen());
    return laid.width();
}

void Page::line(geo::Position a, geo::Position b, double width) const {
    cairo_set_line_width(pen(), width);
    cairo_move_to(pen(), a.x, a.y);
    cairo_line_to(pen(), b.x, b.y);
    cairo_stroke(pen());
}

void Page::bar(geo::Position at, double length, std::string const& words, double size) const {
    constexpr double thick = 3;
    cairo_rectangle(pen(), at.x, at.y, length / 2, thick);
    cairo_fill(pen());
    cairo_set_line_width(pen(), 0.6);
    cairo_rectangle(pen(), at.x, at.y, length, thick);
    cairo_stroke(pen());
    text("0", {at.x, at.y + 9}, size, Anchor::middle);
    text(words, {at.x + length, at.y + 9}, size, Anchor::middle);
}

void Page::turn() const {
    cairo_show_page(pen());
}

void Page::finish() const {
    cairo_show_page(pen());
    cairo_surface_finish(m_surface.get());
    auto const status = cairo_surface_status(m_surface.get());
    if (status != CAIRO_STATUS_SUCCESS)
        throw geo::Error{geo::Code::internal, "internal", {}, cairo_status_to_string(status)};
}

void Words::LayoutEnd::operator()(PangoLayout* layout) const noexcept {
    g_object_unref(layout);
}

Words::Words(Page const& page, std::string const& markup, double size, double width)
    : m_page{page}, m_layout{pango_cairo_create_layout(page.pen())} {
    std::unique_ptr<PangoFontDescription, decltype(&pango_font_description_free)> const font{
        pango_font_description_from_string("Noto Sans"), &pango_font_description_free};
    pango_font_description_set_absolute_size(font.get(), size * PANGO_SCALE);
    pango_layout_set_font_description(m_layout.get(), font.get());
    pango_layout_set_markup(m_layout.get(), markup.data(), static_cast<int>(markup.size()));
    if (width <= 0) return;
    pango_layout_set_width(m_layout.get(), static_cast<int>(std::ceil(width * PANGO_SCALE)));
    pango_layout_set_wrap(m_layout.get(), PANGO_WRAP_WORD_CHAR);
}

double Words::width() const {
    int width = 0;
    pango_layout_get_size(m_layout.get(), &width, nullptr);
    return static_cast<double>(width) / PANGO_SCALE;
}

double Words::height() const {
    int height = 0;
    pango_layout_get_size(m_layout.get(), nullptr, &height);
    return static_cast<double>(height) / PANGO_SCALE;
}

double Words::left_of(geo::Position at, Anchor anchor) const {
    if (anchor == Anchor::left) return at.x;
    return anchor == Anchor::middle ? at.x - width() / 2 : at.x - width();
}

void Words::draw(geo::Position at, Anchor anchor) const {
    cairo_move_to(m_page.pen(), left_of(at, anchor), at.y);
    pango_cairo_show_layout(m_page.pen(), m_layout.get());
    cairo_new_path(m_page.pen()); // the next path does not begin at the text
}

void Words::draw_with_halo(geo::Position at, Anchor anchor) const {
    auto* const pen = m_page.pen();
    cairo_save(pen);
    cairo_move_to(pen, left_of(at, anchor), at.y);
    pango_cairo_layout_path(pen, m_layout.get());
    cairo_set_source_rgb(pen, 1, 1, 1);
    cairo_set_line_join(pen, CAIRO_LINE_JOIN_ROUND);
    cairo_set_line_width(pen, 2.2);
    cairo_stroke(pen);
    cairo_restore(pen);
    draw(at, anchor);
}

double round_length(double least, double most) {
    double metres = least;
    for (int step = 0; metres * 2.5 < most; ++step) metres *= step % 3 == 1 ? 2.5 : 2;
    return metres;
}

std::string markup_of(std::string const& text, bool bold) {
    std::unique_ptr<char, decltype(&g_free)> const escaped{
        g_markup_escape_text(text.data(), static_cast<gssize>(text.size())), &g_free};
    return bold ? std::string{"<b>"} + escaped.get() + "</b>" : std::string{escaped.get()};
}

} // namespace diaban::services::print
