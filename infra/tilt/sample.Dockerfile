# The sample application as samples/deployment.yaml starts it.
FROM node:24.21.0-bookworm-slim
WORKDIR /sample
COPY --chown=node:node samples/autoscale samples/autoscale
ENV HOST=0.0.0.0 PORT=8080
USER 1000:1000
CMD ["node", "samples/autoscale/src/main.js"]
