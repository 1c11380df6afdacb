using System.Text.Json;

namespace OrleansCrm.Server.Benchmarks.Load;

/// <summary>The process that makes the load: takes an order on each line of its standard input, answers with a line, ends with its input.</summary>
internal static class LoadVerb
{
    public const string Name = "bench-load";

    public static async Task<int> RunAsync(TextReader input, TextWriter output, TimeProvider time, CancellationToken cancellation)
    {
        while (await input.ReadLineAsync(cancellation) is { } line)
        {
            var spec = JsonSerializer.Deserialize<LoadSpec>(line)!;
            string answer;
            try
            {
                var report = spec.Kind == LoadKind.Alert
                    ? await new AlertLoad(spec, time).RunAsync(cancellation)
                    : await new RequestLoad(spec, time).RunAsync(cancellation);
                answer = JsonSerializer.Serialize(report);
            }
            catch (Exception e) when (e is IOException or TimeoutException or System.Net.Sockets.SocketException or System.Net.WebSockets.WebSocketException)
            {
                answer = "!" + e.Message.ReplaceLineEndings(" ");
            }

            await output.WriteLineAsync(answer);
            await output.FlushAsync(cancellation);
        }

        return 0;
    }
}
