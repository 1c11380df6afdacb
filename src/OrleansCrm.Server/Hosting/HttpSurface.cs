using System.Net;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.SignalR;
using OrleansCrm.Server.Alerts;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Customers;
using OrleansCrm.Server.Decisions;
using OrleansCrm.Server.Health;
using OrleansCrm.Server.Http;
using OrleansCrm.Server.Ingest;
using OrleansCrm.Server.Loyalty;
using OrleansCrm.Server.Metrics;
using OrleansCrm.Server.Models;
using OrleansCrm.Server.Offers;
using OrleansCrm.Server.OpenApi;
using OrleansCrm.Server.Privacy;
using OrleansCrm.Server.Programs;
using OrleansCrm.Server.Quarantine;
using OrleansCrm.Server.Telemetry;
using OrleansCrm.Server.WhatIf;

namespace OrleansCrm.Server.Hosting;

/// <summary>Everything that is reached over HTTP.</summary>
internal static class HttpSurface
{
    public static void AddHttp(this WebApplicationBuilder builder, ServerOptions options)
    {
        builder.WebHost.UseUrls([.. ListenAddress.ParseAll(options.Urls).Select(a => a.Url)]);
        builder.WebHost.ConfigureKestrel(kestrel => Limit(kestrel, options));
        var services = builder.Services;
        services.AddSingleton<BodyReader>();
        services.AddSingleton<BodyMeter>();
        services.AddSingleton<IngestKeys>();
        services.AddSingleton<Replayer>();
        services.AddSingleton<CustomerReplay>();
        services.AddSingleton<TimeTravel>();
        services.AddSingleton<CustomerCurve>();
        services.AddSingleton<AlertExplanations>();
        services.AddSingleton<DecisionEvents>();
        services.AddSingleton<DecisionCall>();
        services.AddSingleton<CouponDesk>();
        services.AddSingleton<PastDecisions>();
        services.AddHostedService<WarmStart>();
        services.AddHostedService<OfferLearning>();
        services.AddHostedService<ProductLearning>();
        services.AddSingleton<WhatIfTurn>();
        services.AddSingleton<SearchTurns>();
        services.AddSingleton<SignInGuard>();
        services.AddSingleton<Sessions>();
        services.AddSingleton<CustomerTokens>();
        services.AddHostedService<AccessUpkeep>();
        services.AddSingleton<SignInLinks>();
        services.AddSingleton<AgentConnections>();
        services.AddSingleton<AlertCommands>();
        services.AddSingleton<FinishedAlerts>();
        services.AddSingleton<PointCommands>();
        services.AddSingleton<PushMeter>();
        services.AddSingleton<DeskRelays>();
        services.AddHostedService(provider => provider.GetRequiredService<DeskRelays>());
        services.AddSingleton<Rosters>();
        services.AddHostedService(provider => provider.GetRequiredService<Rosters>());
        services.AddHostedService<AssignmentKeeper>();
        services.AddSingleton<OfferRelay>();
        services.AddHostedService(provider => provider.GetRequiredService<OfferRelay>());
        services.AddSingleton<HubFailures>();
        services.AddSignalR(hubs => hubs.AddFilter<HubFailures>());
        services.AddAccessControl();
        services.AddSingleton<OpenApiDocument>();
        services.AddSingleton(options.Telemetry);
        services.AddSingleton<EngineGauges>();
        services.AddSingleton<MetricsReader>();
        services.AddHostedService(provider => provider.GetRequiredService<MetricsReader>());
        services.AddHostedService<TraceExport>();
        services.AddExceptionHandler(handler =>
        {
            handler.ExceptionHandler = HandleAsync;

            // What a sender did wrong, or an engine that is away, is no failure of ours: the log would be whoever's who sends enough of it.
            handler.SuppressDiagnosticsCallback = failed => Problems.IsOfSender(failed.Exception) || Unavailable.Is(failed.Exception);
        });
        if (options.BehindProxy is { } proxy && ListenAddress.TryParseProxy(proxy, out var network))
            services.Configure<ForwardedHeadersOptions>(headers => TrustOnly(headers, network));
    }

    public static void UseHttp(this WebApplication app, ServerOptions options)
    {
        var hosts = new HostCheck(options);
        if (options.Telemetry.Otlp is not null)
            app.Use(TraceExport.NameRequestAsync);
        if (options.BehindProxy is not null)
        {
            app.Use(PeerAddress.RememberAsync);
            app.UseForwardedHeaders();
        }

        app.Use(SecurityHeaders.SetAsync);
        app.UseExceptionHandler();
        app.Use(hosts.InvokeAsync);

        app.Use(HeadRequests.AsGetAsync);

        // Ingest ends here and lookups with a key at the next step: what follows would cost them more than they do themselves.
        app.UseRouting();
        app.Use(new KeyAccess(app.Services.GetRequiredService<KeyRing>()).InvokeAsync);
        app.UseStatusCodePages(pages => Problems.WriteBareStatusAsync(pages.HttpContext));
        app.UseConsoleFiles();
        app.UseAuthentication();
        app.UseAuthorization();

        app.MapHealth();
        app.MapIngest();
        app.MapImports();
        app.MapQuarantine();
        app.MapProgram();
        app.MapWhatIf();
        app.MapModels();
        app.MapCustomers();
        app.MapSearch();
        app.MapMerge();
        app.MapOwners();
        app.MapMetrics();
        app.MapDecisions();
        app.MapOffers();
        app.MapCustomerHub();
        app.MapSegments();
        app.MapPhases();
        app.MapLoyalty();
        app.MapTransfers();
        app.MapPrivacy();
        app.MapAlerts();
        app.MapSessions();
        app.MapUsers();
        app.MapKeys();
        app.MapTenants();
        app.MapCustomerTokens();
        app.MapAudit();
        app.MapOpenApi();
        app.MapTelemetry();
    }

    private static void Limit(KestrelServerOptions kestrel, ServerOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = options.ConnectionsMax;
        kestrel.Limits.MaxConcurrentUpgradedConnections = options.ConnectionsMax;

        // Who reads a body bounds it; this only ends one that nobody would ever take.
        kestrel.Limits.MaxRequestBodySize = (long)options.Ingest.BodyBytesMax + options.Ingest.DrainBytesMax;
    }

    private static void TrustOnly(ForwardedHeadersOptions headers, System.Net.IPNetwork network)
    {
        headers.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
        headers.KnownIPNetworks.Clear();
        headers.KnownProxies.Clear();
        headers.KnownIPNetworks.Add(network);
    }

    // Nobody is left to be told once the connection is gone.
    private static Task HandleAsync(HttpContext context) => context.RequestAborted.IsCancellationRequested
        ? Task.CompletedTask
        : Problems.WriteUnhandledAsync(context, context.Features.Get<IExceptionHandlerFeature>()?.Error);
}
