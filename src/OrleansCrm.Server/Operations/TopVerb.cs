using System.Globalization;
using System.Net.Http.Headers;
using OrleansCrm.Server.CommandLine;
using Spectre.Console;

namespace OrleansCrm.Server.Operations;

/// <param name="Key">An API key, for a server that is not on this machine.</param>
/// <param name="Once">Two readings, one table, the end: for scripts.</param>
internal sealed record TopRequest(Uri Url, string? Key, TimeSpan Period, bool Once);

/// <summary>The verb <c>top</c>: what a running server is doing, as a table that renews itself.</summary>
internal sealed class TopVerb(TopRequest request, TimeProvider time)
{
    private MetricsText? _before;
    private long _read;

    /// <returns>Exit code: 0 stopped, 1 the server does not tell.</returns>
    public async Task<int> RunAsync(IAnsiConsole console, TextWriter error, CancellationToken cancellation)
    {
        using var http = new HttpClient { BaseAddress = request.Url, Timeout = TimeSpan.FromSeconds(10) };
        if (request.Key is not null)
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", request.Key);
        try
        {
            await NextAsync(http, cancellation);
            if (request.Once)
            {
                console.Write(await NextAsync(http, cancellation));
                return ExitCodes.Done;
            }

            await console.Live(new Table()).StartAsync(async live =>
            {
                while (true)
                {
                    live.UpdateTarget(await NextAsync(http, cancellation));
                    live.Refresh();
                }
            });
            return ExitCodes.Done;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return ExitCodes.Done;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            await error.WriteLineAsync(e is HttpRequestException { StatusCode: System.Net.HttpStatusCode.Unauthorized }
                ? "From another machine /metrics needs an API key: set ORLEANSCRM_API_KEY."
                : $"{request.Url} does not tell: {e.Message}");
            return ExitCodes.Failed;
        }
    }

    private async Task<Table> NextAsync(HttpClient http, CancellationToken cancellation)
    {
        if (_before is not null)
            await Task.Delay(request.Period, time, cancellation);
        var now = MetricsText.Parse(await http.GetStringAsync("/metrics", cancellation));
        var table = Draw(now, _before is null ? 1 : time.GetElapsedTime(_read).TotalSeconds);
        (_before, _read) = (now, time.GetTimestamp());
        return table;
    }

    private Table Draw(MetricsText now, double seconds)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("step", "a second", "p50", "p99", "now");
        double Rate(string name) => (now.Sum(name) - (_before?.Sum(name) ?? 0)) / seconds;
        void Row(string step, double? rate, string? histogram, string? standing) => table.AddRow(
            step,
            rate is { } r ? Number(r) : "",
            histogram is null ? "" : Milliseconds(now.Quantile(histogram, 0.5, _before)),
            histogram is null ? "" : Milliseconds(now.Quantile(histogram, 0.99, _before)),
            standing ?? "");

        Row("requests", Rate("http_server_request_duration_seconds_count"), "http_server_request_duration_seconds", null);
        Row("events taken", Rate("orleanscrm_ingest_accepted_total"), null, $"{Number(now.Sum("orleanscrm_partition_queue"))} wait");
        Row("  duplicate", Rate("orleanscrm_ingest_duplicate_total"), null, null);
        Row("  refused", Rate("orleanscrm_ingest_rejected_total"), null, $"{Number(now.Sum("orleanscrm_quarantine_dropped_total"))} not kept");
        Row("  told to wait", Rate("orleanscrm_ingest_limited_total") + Rate("orleanscrm_ingest_held_back_total"), null, null);
        Row("commits", Rate("orleanscrm_commit_duration_seconds_count"), "orleanscrm_commit_duration_seconds", $"{Number(Rate("orleanscrm_journal_entries_total"))} entries/s");
        Row("applies", Rate("orleanscrm_apply_duration_seconds_count"), "orleanscrm_apply_duration_seconds", $"{Number(now.Sum("orleanscrm_apply_faults_total"))} faults");
        Row("snapshots", Rate("orleanscrm_flush_customers_total"), "orleanscrm_flush_duration_seconds", $"{now.Max("orleanscrm_snapshot_age_seconds"):0.0} s old at most");
        Row("wakes", Rate("orleanscrm_wakes_fired_total"), "orleanscrm_wakes_lateness_seconds", $"{Number(now.Sum("orleanscrm_wakes_overdue"))} overdue");
        Row("outcomes", Rate("orleanscrm_outcomes_delivered_total"), "orleanscrm_outcomes_duration_seconds", $"{Number(now.Sum("orleanscrm_outcomes_waiting"))} wait");
        Row("desk changes", Rate("orleanscrm_desk_changes_total"), "orleanscrm_desk_duration_seconds", null);
        Row("pushes", Rate("orleanscrm_push_changes_total"), "orleanscrm_push_duration_seconds", $"{Number(now.Sum("orleanscrm_agents_connections"))} agents");
        Row("partitions", null, null, $"{Number(now.Sum("orleanscrm_partition_ready"))} ready, {Number(now.Sum("orleanscrm_partition_lag"))} entries to replay");
        Row("customers", null, null, $"{Number(now.Sum("orleanscrm_partition_resident"))} in memory, {Number(now.Sum("orleanscrm_partition_dirty"))} dirty");
        Row("process", null, null, string.Create(
            CultureInfo.InvariantCulture,
            $"{Rate("dotnet_process_cpu_time_seconds_total"):0.00} cores, {now.Sum("dotnet_process_memory_working_set_bytes") / 1048576:#,0} MiB, {now.Sum("orleanscrm_data_free_bytes") / 1073741824:0.0} GiB disk free"));
        return table;
    }

    private static string Number(double value) => value.ToString(Math.Abs(value) is > 0 and < 10 ? "0.#" : "#,0", CultureInfo.InvariantCulture);

    private static string Milliseconds(double seconds) => double.IsNaN(seconds) ? "" : (seconds * 1000).ToString("0.0", CultureInfo.InvariantCulture) + " ms";
}
