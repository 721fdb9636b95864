#pragma once

#include "tests/services/edit_client.hpp"
#include "tests/services/world.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>

namespace diaban::tests {

inline constexpr char json_type[] = "Content-Type: application/json\r\n";

/// Asks for a process to be run, as whoever the fields say; the answer, whatever it is.
inline RawAnswer ask_process(std::uint16_t port, std::string const& process,
                             nlohmann::json const& inputs, std::string const& fields = {}) {
    return request(port, "POST", "/processes/" + process + "/execution",
                   fields + "Prefer: respond-async\r\n" + json_type,
                   nlohmann::json{{"inputs", inputs}}.dump());
}

inline RawAnswer ask_export(std::uint16_t port, nlohmann::json const& inputs,
                            std::string const& fields = {}) {
    return ask_process(port, "export", inputs, fields);
}

/// Waits until `holds`; throws after half a minute.
inline void await(std::string const& what, std::function<bool()> const& holds) {
    auto const end = std::chrono::steady_clock::now() + std::chrono::seconds{60};
    while (!holds()) {
        if (std::chrono::steady_clock::now() > end) throw std::runtime_error{"never: " + what};
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
}

/// A job as `/jobs/{id}` has it.
inline nlohmann::json job(std::uint16_t port, std::string const& id,
                          std::string const& fields = {}) {
    return nlohmann::json::parse(get(port, "/jobs/" + id, fields).body);
}

/// Waits until the job is in that state.
inline nlohmann::json await_job(std::uint16_t port, std::string const& id,
                                std::string const& status, std::string const& fields = {}) {
    nlohmann::json seen;
    await("job " + status, [&] {
        seen = job(port, id, fields);
        if (status != "failed" && seen["status"] == "failed") throw std::runtime_error{seen.dump()};
        return seen["status"] == status;
    });
    return seen;
}

/// The results of a process that is asked for and has run.
inline nlohmann::json results_of(World const& world, std::string const& process,
                                 nlohmann::json const& inputs) {
    auto const asked = ask_process(world.port(), process, inputs);
    if (asked.status != 201) throw std::runtime_error{asked.body};
    std::string const id = nlohmann::json::parse(asked.body)["jobID"];
    await_job(world.port(), id, "successful");
    return world.json("/jobs/" + id + "/results");
}

/// The file of an export that was asked for, once it has run.
inline std::string export_of(std::uint16_t port, RawAnswer const& asked,
                             std::string const& fields = {}) {
    if (asked.status != 201) throw std::runtime_error{asked.body};
    std::string const id = nlohmann::json::parse(asked.body)["jobID"];
    await_job(port, id, "successful", fields);
    auto const file = get(port, "/jobs/" + id + "/results/file", fields);
    if (file.status != 200) throw std::runtime_error{file.body};
    return file.body;
}

/// The file of an export that is asked for, run and fetched.
inline std::string exported(std::uint16_t port, nlohmann::json const& inputs) {
    return export_of(port, ask_export(port, inputs));
}

} // namespace diaban::tests
