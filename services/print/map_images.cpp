#include "services/print/map_images.hpp"

#include "geo/error.hpp"
#include "services/print/browser.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace diaban::services::print {

namespace {

using namespace std::chrono_literals;

constexpr auto patience = 20s; ///< of who waits for their turn
constexpr auto drawing = 30s;
constexpr std::size_t most_waiting = 4;
constexpr std::size_t most_kept = std::size_t{64} << 20U; ///< bytes

[[noreturn]] void busy() {
    throw geo::Error{geo::Code::unavailable, "map-image-busy", {{"retry_after", "10"}}};
}

} // namespace

std::shared_ptr<std::string const> MapImages::draw(MapImageWanted const& wanted,
                                                   access::Visitor const& visitor) {
    std::unique_lock lock{m_mutex};
    if (auto kept = find(wanted.key)) return kept;
    if (m_waiting >= most_waiting) busy();
    ++m_waiting;
    bool const mine =
        m_free.wait_for(lock, patience, [this] { return !m_drawing || m_stop.stop_requested(); });
    --m_waiting;
    if (!mine || m_stop.stop_requested()) busy();
    if (auto kept = find(wanted.key)) return kept; // drawn for another meanwhile
    m_drawing = true;
    lock.unlock();
    struct Leave {
        ~Leave() {
            std::lock_guard const locked{images.m_mutex};
            images.m_drawing = false;
            images.m_free.notify_one();
        }
        MapImages& images;
    } const leave{*this};
    auto image = std::make_shared<std::string const>(drawn(wanted, visitor));
    if (!wanted.key.empty()) keep(wanted.key, image);
    return image;
}

void MapImages::stop() {
    m_stop.request_stop();
    std::lock_guard const lock{m_mutex};
    m_free.notify_all();
}

std::string MapImages::drawn(MapImageWanted const& wanted, access::Visitor const& visitor) {
    access::Passes::Pass const pass{m_passes, visitor};
    Browser browser{
        m_program, m_origin(), {std::chrono::steady_clock::now() + drawing, m_stop.get_token()}};
    browser.open(wanted.page, {access::Passes::cookie, pass.secret()}, wanted.width, wanted.height);
    auto const told = browser.value_of("globalThis.diabanMapImage");
    if (!told.is_object() || told.contains("failed"))
        throw geo::Error{
            geo::Code::unavailable,
            "map-image-incomplete",
            {{"value", told.is_object() ? told.value("failed", "") : "?"}, {"retry_after", "10"}}};
    double const width = told.at("width");
    double const height = told.at("height");
    return wanted.form == "pdf" ? browser.paper(width, height)
                                : browser.picture(wanted.form, width, height);
}

std::shared_ptr<std::string const> MapImages::find(std::string const& key) {
    auto const found = std::ranges::find(m_kept, key, &Kept::key);
    if (key.empty() || found == m_kept.end()) return nullptr;
    m_kept.splice(m_kept.begin(), m_kept, found);
    return found->image;
}

void MapImages::keep(std::string const& key, std::shared_ptr<std::string const> image) {
    std::lock_guard const lock{m_mutex};
    m_bytes += image->size();
    m_kept.push_front({key, std::move(image)});
    while (m_bytes > most_kept) {
        m_bytes -= m_kept.back().image->size();
        m_kept.pop_back();
    }
}

} // namespace diaban::services::print
