using System.Collections;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using OrleansCrm.Server.CommandLine;
using OrleansCrm.Server.Hosting;
using OrleansCrm.Server.Tests.Hosting;

namespace OrleansCrm.Server.Tests.CommandLine;

public sealed class VerbsTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("orleanscrm-verbs-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("dance", "Unrecognized command or argument 'dance'")]
    [InlineData("serve --dance", "Unrecognized command or argument '--dance'")]
    [InlineData("--dance", "Unrecognized command or argument '--dance'")]
    [InlineData("serve extra", "Unrecognized command or argument 'extra'")]
    [InlineData("serve --urls", "Required argument missing for option: '--urls'")]
    [InlineData("serve --urls nonsense", "--urls cannot use 'nonsense'")]
    [InlineData("serve --urls http://127.0.0.1:65536", "--urls cannot use 'http://127.0.0.1:65536'")]
    [InlineData("serve --urls ftp://127.0.0.1", "--urls cannot use 'ftp://127.0.0.1'")]
    [InlineData("serve --urls http://0.0.0.0:80", "'http://0.0.0.0:80' would carry keys and customers' data unencrypted")]
    [InlineData("serve --urls http://*:80", "'http://*:80' would carry keys")]
    [InlineData("serve --behind-proxy here", "--behind-proxy takes the IP address")]
    [InlineData("serve --database Hots=x", "--database takes a connection string")]
    [InlineData("import", "Option '--format' is required")]
    [InlineData("import --format events", "Required argument missing for command: 'import'")]
    [InlineData("import x.csv --format xml", "Argument 'xml' not recognized")]
    [InlineData("import x.csv --format events --url nonsense", "--url takes an address")]
    [InlineData("import x.csv --format online-retail --time-zone Mars/Olympus", "--time-zone: this machine does not know 'Mars/Olympus'")]
    [InlineData("simulate --customers x --days 1 --seed 1", "Cannot parse argument 'x'")]
    public async Task Bad_arguments_are_refused_in_one_line_with_a_hint(string arguments, string message)
    {
        var (code, output, error) = await RunAsync(arguments.Split(' '));

        Assert.Equal(2, code);
        Assert.Empty(output);
        var lines = error.TrimEnd().Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.Contains(message, lines[0]);
        Assert.StartsWith("See: ", lines[1]);
        Assert.EndsWith("--help", lines[1]);
    }

    [Theory]
    [InlineData("--help", "serve")]
    [InlineData("serve --help", "--behind-proxy")]
    [InlineData("demo --help", "--urls")]
    [InlineData("import --help", "--shift-to-now")]
    [InlineData("simulate --help", "--customers")]
    [InlineData("verify --help", "--data")]
    [InlineData("storefront --help", "--write-key")]
    [InlineData("evaluate-offers --help", "--policy")]
    public async Task Help_is_everywhere(string arguments, string mentions)
    {
        var (code, output, error) = await RunAsync(arguments.Split(' '));

        Assert.Equal((0, ""), (code, error));
        Assert.Contains(mentions, output);
    }

    [Theory]
    [InlineData("http://127.0.0.1:{taken}", "Failed to bind to address http://127.0.0.1:{taken}: address already in use.")]
    [InlineData("http://203.0.113.1:80", "Cannot listen on http://203.0.113.1:80: Cannot assign requested address")]
    public async Task Address_that_cannot_be_had_ends_the_start_with_one_sentence(string urls, string says)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        var start = ServerProcess.StartInfo("serve", "--data", _directory, "--urls", urls.Replace("{taken}", port), "--behind-proxy", "192.0.2.2");
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal((1, "", says.Replace("{taken}", port)), (process.ExitCode, await output, error.TrimEnd()));
    }

    [Fact]
    public void Environment_goes_before_the_file_and_both_before_the_defaults()
    {
        File.WriteAllText(
            Path.Combine(_directory, "appsettings.json"),
            """{"OrleansCrm":{"Data":"from-file","Urls":"http://127.0.0.1:1","SignIn":{"FailuresMax":3},"Partition":{"TickPeriod":"00:00:01"}}}""");
        var variables = new Hashtable
        {
            ["ORLEANSCRM_DATA"] = "from-environment",
            ["ORLEANSCRM_WRITE_KEY"] = "key",
            ["ORLEANSCRM_BEHIND_PROXY"] = "10.0.0.1",
            ["ORLEANSCRM_SIGN_IN__SESSION_LIFETIME"] = "01:00:00",
            ["ORLEANSCRM_DATABASE"] = "",
            ["PATH"] = "/bin",
        };

        var options = new ServerOptions();
        Settings.Read(variables, _directory).Bind(options);

        Assert.Equal(("from-environment", "http://127.0.0.1:1", "10.0.0.1", "key"), (options.Data, options.Urls, options.BehindProxy, options.WriteKey));
        Assert.Equal((3, TimeSpan.FromHours(1), TimeSpan.FromSeconds(1)), (options.SignIn.FailuresMax, options.SignIn.SessionLifetime, options.Partition.TickPeriod));
        Assert.Null(options.Database);
        Assert.Null(options.FindFault());
    }

    [Fact]
    public void Secret_can_stand_in_a_file()
    {
        var file = Path.Combine(_directory, "secret");
        File.WriteAllText(file, "ak_from_file\n");

        var options = new ServerOptions();
        Settings.Read(new Hashtable { ["ORLEANSCRM_API_KEY_FILE"] = file }, _directory).Bind(options);
        var missing = Assert.Throws<StartException>(() => Settings.Read(new Hashtable { ["ORLEANSCRM_API_KEY_FILE"] = file + "x" }, _directory));

        Assert.Equal("ak_from_file", options.ApiKey);
        Assert.StartsWith("ORLEANSCRM_API_KEY", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void File_that_is_no_JSON_is_named()
    {
        File.WriteAllText(Path.Combine(_directory, "appsettings.json"), "{");

        var fault = Assert.Throws<StartException>(() => Settings.Read(new Hashtable(), _directory));

        Assert.Contains("appsettings.json is no JSON file", fault.Message);
    }

    [Theory]
    [InlineData("WriteKey", "with:colon", "ORLEANSCRM_WRITE_KEY takes")]
    [InlineData("ApiKey", "with blank", "ORLEANSCRM_API_KEY takes")]
    [InlineData("AdminEmail", "a@shop.example", "ORLEANSCRM_ADMIN_EMAIL needs ORLEANSCRM_ADMIN_PASSWORD")]
    [InlineData("AdminPassword", "password", "ORLEANSCRM_ADMIN_PASSWORD needs ORLEANSCRM_ADMIN_EMAIL")]
    [InlineData("SignIn:FailuresMax", "0", "SignIn:FailuresMax takes")]
    [InlineData("Ingest:EventBytesMax", "1", "Ingest:EventBytesMax takes")]
    [InlineData("ConnectionsMax", "0", "ConnectionsMax takes")]
    public void Setting_out_of_its_range_is_named(string name, string value, string fault)
    {
        var options = new ServerOptions();
        new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create(name, (string?)value)]).Build().Bind(options);

        Assert.StartsWith(fault, options.FindFault());
    }

    [Fact]
    public async Task Setting_that_its_type_cannot_take_is_refused()
    {
        var (code, _, error) = await RunAsync(["serve"], new Hashtable { ["ORLEANSCRM_SHUTDOWN_TIMEOUT"] = "soon" });

        Assert.Equal(2, code);
        Assert.Contains("ShutdownTimeout", error, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Data_of_another_server_is_refused_with_1_and_its_holder()
    {
        await using var server = await TestServer.StartAsync();

        var (code, _, error) = await RunAsync(["serve", "--data", server.Data, "--urls", "http://127.0.0.1:0"]);

        Assert.Equal(1, code);
        Assert.Contains($"held by process {Environment.ProcessId}", Assert.Single(error.TrimEnd().Split('\n')));
    }

    [Fact]
    public async Task Address_that_is_taken_is_refused_with_1()
    {
        await using var server = await TestServer.StartAsync();

        // As a process: its log goes to the standard error as well.
        using var process = Process.Start(ServerProcess.StartInfo("serve", "--data", Path.Combine(_directory, "data"), "--urls", server.Address))!;
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal(1, process.ExitCode);
        Assert.Contains("address already in use", Assert.Single(error.TrimEnd().Split('\n')));
    }

    [Fact]
    public async Task Data_that_is_no_journal_is_refused_and_left_alone()
    {
        var file = Path.Combine(_directory, "journal.db");
        await File.WriteAllTextAsync(file, "This is no database.");

        var (code, _, error) = await RunAsync(["serve", "--data", _directory, "--urls", "http://127.0.0.1:0"]);

        Assert.Equal(1, code);
        Assert.Single(error.TrimEnd().Split('\n'));
        Assert.Equal("This is no database.", await File.ReadAllTextAsync(file));
    }

    [Fact]
    public async Task Program_serves_from_where_the_user_stands()
    {
        var port = ServerProcess.FreePort();
        var start = ServerProcess.StartInfo("--urls", $"http://127.0.0.1:{port}");
        start.WorkingDirectory = _directory;
        using var process = Process.Start(start)!;
        var lines = new[] { await process.StandardOutput.ReadLineAsync(), await process.StandardOutput.ReadLineAsync(), await process.StandardOutput.ReadLineAsync() };

        process.Kill(entireProcessTree: false);
        await process.WaitForExitAsync();

        Assert.Equal($"Listening on http://127.0.0.1:{port}", lines[0]);
        Assert.Equal($"Data in {Path.Combine(_directory, "data")}", lines[1]);
        Assert.Equal($"First keys in {Path.Combine(_directory, "data", "first-keys.txt")}", lines[2]);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(string[] arguments, IDictionary? variables = null)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var settings = Settings.Read(variables ?? new Hashtable(), Path.GetTempPath());
        var code = await Verbs.RunAsync(arguments, settings, output, error, timeout.Token);
        return (code, output.ToString(), error.ToString());
    }
}
