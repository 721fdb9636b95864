#pragma once

#include "services/domain/child_process.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace diaban::services::print {

/// Throws Error{unavailable, "no-browser"}; the log has the reason.
[[noreturn]] void no_browser(std::string detail);

/// A descriptor that is closed in the end, and above those that a child finds its pipes at.
class Descriptor {
public:
    /// Takes `number`, which is another afterwards.
    explicit Descriptor(int number);
    ~Descriptor() { close(); }
    Descriptor(Descriptor const&) = delete;
    Descriptor& operator=(Descriptor const&) = delete;
    [[nodiscard]] int number() const noexcept { return m_number; }
    void close() noexcept;

private:
    int m_number;
};

/// A browser that has been started, and a profile that goes with it.
///
/// Environment   none of ours. It reaches `origin` alone: no other name means anything to it.
class StartedBrowser {
public:
    /// `pipes`      what it is led by, as DevTools' pipe has it.
    /// `sandboxed`  its own, around each page; root has it not.
    /// Throws       Error{unavailable, "no-browser"}.
    StartedBrowser(std::filesystem::path const& program, std::string const& origin,
                   domain::ChildProcess::Pipes const& pipes, bool sandboxed);
    ~StartedBrowser();
    StartedBrowser(StartedBrowser const&) = delete;
    StartedBrowser& operator=(StartedBrowser const&) = delete;
    [[nodiscard]] bool runs() { return !m_child.status().has_value(); }

private:
    std::filesystem::path m_profile;
    domain::ChildProcess m_child;
};

/// What DevTools' messages go through, each ended by a NUL. Its descriptors do not block.
class BrowserLine {
public:
    BrowserLine() = default;
    BrowserLine(BrowserLine const&) = delete;
    BrowserLine& operator=(BrowserLine const&) = delete;
    virtual ~BrowserLine() = default;
    [[nodiscard]] virtual int commands() const noexcept = 0;
    [[nodiscard]] virtual int answers() const noexcept = 0;
};

/// To a browser of its own, which ends with the line: of this process where `program` is a file,
/// or, where it is `unix:` and the path of a socket, of the process that listens there
/// (services/print/picture_service.hpp).
///
/// Throws   Error{unavailable, "no-browser"}.
[[nodiscard]] std::unique_ptr<BrowserLine> open_line(std::filesystem::path const& program,
                                                     std::string const& origin);

} // namespace diaban::services::print
