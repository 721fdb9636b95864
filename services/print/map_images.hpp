#pragma once

#include "services/access/passes.hpp"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>

namespace diaban::services::print {

/// What is to be drawn: a page of the console, and how.
struct MapImageWanted {
    std::string page;         ///< path and query
    std::uint32_t width = 0;  ///< of its map, px
    std::uint32_t height = 0; ///< of its map, px
    std::string form;         ///< png, jpeg, pdf
    std::string key;          ///< names what it shows; empty: it is not kept
};

/// Pictures of maps, drawn by a browser for visitors, and the last of them kept.
///
/// Look      of the console: the page `map-image.html` draws, with the console's own style.
/// Rights    the page is asked with a pass of the visitor's; each picture has a browser of its own,
///           so that nothing of one visitor is there for the next.
/// Bounds    one is drawn at a time, for 30 s at most; four wait, for 20 s at most.
/// Threads   any number.
class MapImages {
public:
    /// `program`  Chromium.
    /// `origin`   where this server is reached from this machine.
    MapImages(std::filesystem::path program, std::function<std::string()> origin,
              access::Passes& passes)
        : m_program{std::move(program)}, m_origin{std::move(origin)}, m_passes{passes} {}

    /// Throws   Error{unavailable}: "map-image-busy" where too many wait, "map-image-late",
    ///          "map-image-incomplete" where a part of it did not come, "no-browser".
    [[nodiscard]] std::shared_ptr<std::string const> draw(MapImageWanted const& wanted,
                                                          access::Visitor const& visitor);
    /// Whoever draws or waits is told that it cannot be done; nothing is drawn any more.
    void stop();

private:
    struct Kept {
        std::string key;
        std::shared_ptr<std::string const> image;
    };
    [[nodiscard]] std::shared_ptr<std::string const> find(std::string const& key);
    [[nodiscard]] std::string drawn(MapImageWanted const& wanted, access::Visitor const& visitor);
    void keep(std::string const& key, std::shared_ptr<std::string const> image);

    std::filesystem::path m_program;
    std::function<std::string()> m_origin;
    access::Passes& m_passes;
    std::stop_source m_stop;
    std::mutex m_mutex; // for what follows
    std::condition_variable m_free;
    bool m_drawing = false;
    std::size_t m_waiting = 0;
    std::list<Kept> m_kept; ///< asked last first
    std::size_t m_bytes = 0;
};

} // namespace diaban::services::print
