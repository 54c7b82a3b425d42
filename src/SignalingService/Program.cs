using ServiceDefaults;
using SignalingService;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddSignaling();

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapSignaling();
app.Run();
